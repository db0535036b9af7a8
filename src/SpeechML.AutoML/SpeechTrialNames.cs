namespace SpeechML.AutoML;

/// <summary>Names in AutoML's parameters.</summary>
internal static class SpeechTrialNames
{
    /// <summary>The options of a trial of <c>SetSpeechTrials</c>.</summary>
    public const string SearchSpace = "speech";
}
