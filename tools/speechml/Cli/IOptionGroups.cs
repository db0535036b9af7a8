namespace SpeechML.Tool.Cli;

/// <summary>Options that the help shows group by group, when it is asked for one.</summary>
internal interface IOptionGroups
{
    /// <summary>The groups by name.</summary>
    IEnumerable<IGrouping<string, HelpLine>> Groups { get; }
}

/// <summary>An option in the help.</summary>
/// <param name="Name">Its shortest name.</param>
/// <param name="Expected">What is expected: <c>a whole number</c>.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Default">What it is if not given; <see langword="null"/> for nothing.</param>
internal sealed record HelpLine(string Name, string Expected, string Summary, string? Default);
