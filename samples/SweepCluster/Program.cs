// One sweep on many machines: every process is this program, with the same sweep and a role.
//   dotnet run -c Release --project samples/SweepCluster                                     (silo, two workers and client in one process)
//   ... -- --role silo | worker | client  --study /shared/rates  [--clustering Redis --connection host:6379]
//   ... -- --role bucket --study gs://bucket/rates                                           (a worker without a server; what the jobs run)
//   ... -- --role jobs   --study gs://bucket/rates --image IMAGE --workers 8                 (writes vertex.json and kubernetes.yaml)
using System.Globalization;
using Microsoft.ML;
using SpeechML;

string Option(string name, string otherwise) => Array.IndexOf(args, $"--{name}") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;
int Number(string name, int otherwise) => int.Parse(Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string samples = Option("samples", Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..")));
string audio = Path.Combine(samples, "data", "prompts");
string study = Option("study", Path.GetFullPath("runs/cluster"));
var cluster = new SpeechClusterOptions { Clustering = Enum.Parse<SpeechClustering>(Option("clustering", "Localhost")), ConnectionString = Option("connection", "") };
GoogleCloudStorage.Register();

var mlContext = new MLContext(seed: 1);
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"), new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" });
var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0.3, Test = 0, Seed = 1 };
SpeechDataSplit split = mlContext.Speech().SplitBySubject(data, "subject", "original_audio_id", shares, "language");
var defaults = new SpeechClassificationOptions
{
    Encoder = Option("encoder", Path.Combine(samples, "models", "whisper-base-encoder")),
    WhisperContext = WhisperContext.Trimmed,
    Freezing = LayerFreezing.All,
    Epochs = Number("epochs", 9),
};
var space = new SweepSpace<SpeechClassificationOptions>(
    defaults,
    SweepParameter.Choice("HeadLearningRate", 1e-2, 1e-3, 1e-4),
    SweepParameter.Choice("Pooling", SpeechPooling.Mean, SpeechPooling.Attention));
var preprocessing = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"));
SpeechSweep sweep = mlContext.Speech().CreateSweep()
    .SetPipeline(preprocessing, space, options => mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
    .SetDataset(split.Train, split.Validation)
    .SetMetric(SweepMetric.Accuracy)
    .SetTuner(SweepTuner.Grid())
    .SetMaxTrials(Number("trials", 6))
    .SetStudy(study)
    .SetProgress(new SweepTable(Console.Out));

switch (Option("role", "all"))
{
    case "silo":
        await using (SpeechSilo silo = await SpeechSilo.StartAsync(sweep, cluster))
        {
            await silo.WaitAsync();
        }
        return 0;
    case "worker":
        Console.WriteLine($"{await sweep.WorkOnClusterAsync(cluster)} trials ended here");
        return 0;
    case "client":
        return Tell(await sweep.RunOnClusterAsync(cluster));
    case "bucket" when !SweepJobs.IsFirstWorker:
        Console.WriteLine($"{sweep.Work()} trials ended here");
        return 0;
    case "bucket":
        return Tell(sweep.Run());
    case "jobs":
        var job = new SweepJob { Name = "rates", Image = Option("image", "sweep:1"), Arguments = ["--samples", "/samples", "--role", "bucket"], Workers = Number("workers", 4) };
        SweepJobs.WriteVertex(sweep, job, "vertex.json");
        SweepJobs.WriteKubernetes(sweep, job, "kubernetes.yaml");
        return 0;
    default:
        await using (await SpeechSilo.StartAsync(sweep, cluster))
        {
            Task<int>[] workers = [sweep.WorkOnClusterAsync(cluster), sweep.WorkOnClusterAsync(cluster)];
            int code = Tell(await sweep.RunOnClusterAsync(cluster));
            Console.WriteLine($"{string.Join(" and ", await Task.WhenAll(workers))} trials ended in the workers");
            return code;
        }
}

int Tell(SweepResult result)
{
    using (result)
    {
        mlContext.Speech().SaveModel(result.Model, split.Train.Schema, study.TrimEnd('/') + "/best.zip", overwrite: true);
        Console.WriteLine(FormattableString.Invariant($"best: trial {result.BestTrial.Number}, accuracy {result.BestTrial.Value:F3}, {string.Join(", ", result.BestTrial.Parameters)}"));
        return 0;
    }
}
