using System.CommandLine;

namespace SpeechML.Tool.Cli;

/// <summary>
/// A verb of the tool, such as <c>train</c>. Every class that implements it is found: a new verb is one file in
/// <c>Verbs</c>.
/// </summary>
internal interface IVerb
{
    /// <summary>Its place in the help, from 1.</summary>
    int Order { get; }

    /// <summary>Its options and what it does.</summary>
    Command Create();
}
