using Microsoft.ML;

namespace SpeechML;

/// <summary>What a sweep has come to.</summary>
public sealed class SweepResult : IDisposable
{
    internal SweepResult(SpeechMetric metric, int folds, SweepTrial best, IReadOnlyList<SweepTrial> trials,
        IReadOnlyDictionary<int, ITransformer> models)
    {
        Study = new SweepStudy("Sweep", metric, folds, trials, new Dictionary<string, string>());
        BestTrial = best;
        Models = models;
    }

    /// <summary>The trials as reports show them.</summary>
    public SweepStudy Study { get; }

    /// <summary>The figure that the sweep went by.</summary>
    public SpeechMetric Metric => Study.Metric;

    /// <summary>The best trial that finished; of equals, the first.</summary>
    public SweepTrial BestTrial { get; }

    /// <summary>
    /// Preprocessing and the trained model of the best trial (of several runs, the best), to score with and to save.
    /// </summary>
    public ITransformer Model => Models[BestTrial.Number];

    /// <summary>Every trial, by number.</summary>
    public IReadOnlyList<SweepTrial> Trials => Study.Trials;

    /// <summary>
    /// The models kept, by number of the trial: the best trial's, and as many more as were asked for.
    /// </summary>
    public IReadOnlyDictionary<int, ITransformer> Models { get; }

    /// <summary>The best trial against those that come next: whether the difference is more than chance.</summary>
    /// <param name="others">How many of those.</param>
    public IReadOnlyList<SweepComparison> CompareBest(int others = 3) => Study.CompareBest(others);

    /// <summary>
    /// Writes one line per trial: number, state, metric with its deviation, epochs, seconds, memory, every parameter
    /// (empty where it takes no part), error.
    /// </summary>
    /// <param name="path">The CSV file.</param>
    public void SaveCsv(string path) => Study.SaveCsv(path);

    /// <summary>Frees the models.</summary>
    public void Dispose()
    {
        foreach (ITransformer model in Models.Values)
        {
            (model as IDisposable)?.Dispose();
        }
    }
}
