// One sweep on many machines: every process is this program, with the same sweep and a role.
//   dotnet run -c Release --project samples/SweepCluster      (silo, two workers and client in one process)
//   ... -- --role silo | worker | client  --study /shared/rates  [--clustering Redis --connection host:6379]
//   ... -- --role bucket --study gs://bucket/rates      (a worker without a server; what the jobs run)
//   ... -- --role jobs --study gs://bucket/rates --image IMAGE --workers 8      (vertex.json and kubernetes.json)
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using SpeechML;
using SweepCluster;

string Option(string name, string otherwise) =>
    Array.IndexOf(args, $"--{name}") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;
int Number(string name, int otherwise) =>
    int.Parse(Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string samples = Option("samples", Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..")));
string study = Option("study", Path.GetFullPath("runs/cluster"));
var cluster = new SpeechClusterOptions
{
    Clustering = Enum.Parse<SpeechClustering>(Option("clustering", "Localhost")),
    ConnectionString = Option("connection", "")
};
GoogleCloudStorage.Register();
var mlContext = new MLContext(seed: 1);
SpeechSweep sweep = Rates
    .Create(mlContext, Path.Combine(samples, "data", "prompts"),
        Option("encoder", Path.Combine(samples, "models", "whisper-base-encoder")), Number("epochs", 9),
        Number("trials", 6))
    .SetStudy(study)
    .SetProgress(new SweepTable(Console.Out));

// A machine that is about to be taken away tells its processes: trials are given back, and go on elsewhere at once.
using var stop = new CancellationTokenSource();
using var told = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});

switch (Option("role", "all"))
{
    case "silo":
        await using (SpeechSilo silo = await SpeechSilo.StartAsync(sweep, cluster))
        {
            await silo.WaitAsync(stop.Token);
        }
        return 0;
    case "worker":
        Console.WriteLine($"{await sweep.WorkOnClusterAsync(cluster, stop.Token)} trials ended here");
        return 0;
    case "client":
        return Tell(await sweep.RunOnClusterAsync(cluster, stop.Token));
    case "bucket" when !SweepJob.IsFirstWorker:
        Console.WriteLine($"{sweep.Work(stop.Token)} trials ended here");
        return 0;
    case "bucket":
        return Tell(sweep.Run(stop.Token));
    case "jobs":
        string[] arguments = ["--samples", "/samples", "--role", "bucket", "--study", study];
        var job = new SweepJob("rates", Option("image", "sweep:1"), arguments, Number("workers", 4));
        SweepJob.Write(job.Vertex(), "vertex.json");
        SweepJob.Write(job.Kubernetes(), "kubernetes.json");
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
        mlContext.Speech().SaveModel(result.Model, null, study.TrimEnd('/') + "/best.zip", overwrite: true);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"best: trial {result.BestTrial.Number}, accuracy {result.BestTrial.Value:F3}, " +
            $"{string.Join(", ", result.BestTrial.Parameters)}"));
        return 0;
    }
}
