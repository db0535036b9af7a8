using System.Globalization;

namespace SpeechML.Model.HuggingFace;

/// <summary>Says of the large files of a download that they come, and how far they are.</summary>
/// <param name="model">The model, as the user names it.</param>
/// <param name="say">Takes a line.</param>
internal sealed class DownloadLines(string model, Action<string> say) : IProgress<HubProgress>
{
    /// <summary>What its lines begin with.</summary>
    public const string Start = "Downloading '";

    private const long Large = 1 << 20; // bytes; smaller files come in a moment
    private const int Step = 20; // percent

    private string _file = "";
    private long _next;

    public void Report(HubProgress value)
    {
        if (value.TotalBytes < Large)
        {
            return;
        }
        long percent = 100 * value.Bytes / value.TotalBytes;
        if (value.File != _file)
        {
            (_file, _next) = (value.File, 0);
        }
        if (percent < _next)
        {
            return;
        }
        _next = ((percent / Step) + 1) * Step;
        say(string.Create(CultureInfo.InvariantCulture,
            $"{Start}{model}': '{value.File}', {percent} % of {value.TotalBytes / 1e6:F0} MB"));
    }
}
