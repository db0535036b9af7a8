using System.Reflection;
using Microsoft.ML;
using SpeechML.Data.Interop;
using SpeechML.Model;
using SpeechML.Runs.Comparison;

namespace SpeechML;

/// <summary>Run folders: <c>mlContext.Speech().CreateRun</c>.</summary>
public static class SpeechRunCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// Makes a run folder for a training with these options. Give its <see cref="SpeechRun.Progress"/> to the
        /// trainer, then evaluate the model by
        /// <c>run.Evaluate(model, data, columns)</c> and save it by <c>run.Complete(mlContext, model, schema)</c>.
        /// </summary>
        /// <param name="runs">The folder that runs are in; made where it is not there.</param>
        /// <param name="training">The options that the trainer gets.</param>
        /// <param name="options">How the folder is made; <see langword="null"/> for the defaults.</param>
        /// <exception cref="IOException">A run of that name is there, and <see cref="SpeechRunOptions.WhenExists"/> is
        /// not set to take another or to go on with it.</exception>
        public SpeechRun CreateRun(string runs, SpeechTrainingOptions training, SpeechRunOptions? options = null)
        {
            ArgumentException.ThrowIfNullOrEmpty(runs);
            ArgumentNullException.ThrowIfNull(training);
            training.Validate();
            // What is recorded is the seed in use.
            training = training.SeededBy(catalog.Context);
            string device = DeviceSelection.For(catalog.Context).ToString();
            var versions = new Dictionary<string, string>
            {
                ["SpeechML"] = Version(typeof(SpeechCatalog)),
                [".NET"] = Environment.Version.ToString(),
                ["Microsoft.ML"] = Version(typeof(MLContext)),
                ["TorchSharp"] = Version(typeof(TorchSharp.torch)),
            };
            SpeechRun run = SpeechRun.Create(
                runs, training, options ?? new SpeechRunOptions(),
                RunEnvironment.Here(device, training.SeedInUse, versions));
            run.Context = Cancellation.Of(catalog.Context, default).Host;
            return run;
        }

        /// <summary>
        /// Puts runs beside one another: figures with intervals on one part of the data, each run against the first
        /// one on the clips that both have, paired by subject, and the settings in which they differ.
        /// </summary>
        /// <param name="folders">The folders of two runs or more; the first is what the others are compared
        /// with.</param>
        /// <param name="split">The part; empty, the default, for <c>test</c> or else the first that all runs were
        /// evaluated on.</param>
        /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults with
        /// percentiles, as the runs' own intervals are made.</param>
        /// <param name="cancellationToken">Ends it.</param>
        /// <exception cref="ArgumentException">Fewer than two folders, runs of different tasks or labels, no common
        /// part or clip, or a clip whose subject or truth is not the same in both.</exception>
        /// <exception cref="DirectoryNotFoundException">A folder is not there, or holds no run.</exception>
        public SpeechRunComparison CompareRuns(
            IReadOnlyList<string> folders, string split = "", SubjectBootstrapOptions? options = null,
            CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(folders);
            ArgumentNullException.ThrowIfNull(split);
            options ??= new SubjectBootstrapOptions { Method = IntervalMethod.Percentile };
            options.Validate();
            return RunComparing.Of(folders, split, options.SeededBy(catalog.Context, cancellationToken));
        }
    }

    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? type.Assembly.GetName().Version!.ToString();
}
