namespace SpeechML.Tool.Cli;

/// <summary>A command line that the parser takes and the verb does not.</summary>
internal sealed class UsageException(string message) : Exception(message);
