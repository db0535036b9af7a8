using System.Globalization;

namespace SpeechML.Sweeps;

/// <summary>Where the trials of a study keep their checkpoints.</summary>
/// <param name="study">The study's folder; <see langword="null"/> for nowhere.</param>
internal sealed class TrialFolders(string? study)
{
    /// <summary>The folder of one run; empty for none.</summary>
    public string Of(int trial, int run) => study is null ? "" : Path.Combine(Trial(trial), string.Create(CultureInfo.InvariantCulture, $"run-{run:D2}"));

    /// <summary>Deletes what a trial has there.</summary>
    public void Delete(int trial)
    {
        if (study is not null && Directory.Exists(Trial(trial)))
        {
            Directory.Delete(Trial(trial), recursive: true);
        }
    }

    private string Trial(int trial) => Path.Combine(study!, "trials", string.Create(CultureInfo.InvariantCulture, $"{trial:D5}"));
}
