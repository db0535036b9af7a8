namespace SpeechML;

/// <summary>Sweeps: <c>mlContext.Speech().CreateSweep</c>.</summary>
public static class SpeechSweepCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// Many fits over a search space, as <c>mlContext.Auto().CreateExperiment()</c>: pipeline, data, metric, tuner,
        /// pruner and limits are set on what this gives, then <c>Run</c>.
        /// </summary>
        /// <example>See <c>samples/Sweep</c> and <c>docs/guides/sweeps.md</c>.</example>
        public SpeechSweep CreateSweep() => new(catalog.Context);
    }
}
