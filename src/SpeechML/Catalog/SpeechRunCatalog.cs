using System.Reflection;
using Microsoft.ML;
using SpeechML.Data.Interop;
using SpeechML.Model;

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
    }

    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? type.Assembly.GetName().Version!.ToString();
}
