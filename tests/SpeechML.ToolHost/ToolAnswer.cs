namespace SpeechML.ToolHost;

/// <summary>What a command line came to.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ToolAnswer(int Code, string Output, string Error);
