using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.Sweeps.Tests;

/// <summary>The job files of the sample SweepCluster.</summary>
[TestClass]
public sealed class SweepJobsTests
{
    // The fields of the messages in google/cloud/aiplatform/v1/custom_job.proto, machine_resources.proto and
    // env_var.proto, as JSON has them, with the messages that they hold; * is required.
    private static readonly Dictionary<string, string> s_vertex = new()
    {
        ["CustomJobSpec"] =
        "*workerPoolSpecs:WorkerPoolSpec scheduling:Scheduling serviceAccount network reservedIpRanges " +
        "baseOutputDirectory tensorboard enableWebAccess enableDashboardAccess experiment experimentRun " +
        "persistentResourceId",
        ["WorkerPoolSpec"] =
        "*containerSpec:ContainerSpec *machineSpec:MachineSpec *replicaCount nfsMounts diskSpec:DiskSpec",
        ["ContainerSpec"] = "*imageUri command args env:EnvVar",
        ["EnvVar"] = "*name *value",
        ["MachineSpec"] = "*machineType acceleratorType acceleratorCount",
        ["DiskSpec"] = "bootDiskType bootDiskSizeGb",
        ["Scheduling"] = "timeout restartJobOnWorkerRestart disableRetries strategy maxWaitDuration",
    };

    [TestMethod]
    public void Jobs_Files_HaveTheFieldsOfTheServices()
    {
        using var scratch = new Scratch();
        (JsonObject vertex, JsonObject kubernetes) = Write(scratch, workers: 3);
        CheckFields("CustomJobSpec", vertex);
        CollectionAssert.AreEqual(
            new[] { 1, 2 },
            vertex["workerPoolSpecs"]!.AsArray().Select(p => p!["replicaCount"]!.GetValue<int>()).ToArray());
        JsonNode spec = kubernetes["spec"]!;
        Assert.AreEqual(("batch/v1", "Job", "rates"), ((string?)kubernetes["apiVersion"], (string?)kubernetes["kind"],
            (string?)kubernetes["metadata"]!["name"]));
        Assert.AreEqual(("Indexed", 3, 3, 18), ((string?)spec["completionMode"], (int)spec["completions"]!,
            (int)spec["parallelism"]!, (int)spec["backoffLimit"]!));
        JsonNode container = spec["template"]!["spec"]!["containers"]![0]!;
        Assert.AreEqual("sweep:1", (string?)container["image"]);
        Assert.AreEqual("""["--samples","/samples","--role","bucket","--study","gs://test-bucket/rates"]""",
            container["args"]!.ToJsonString());
    }

    /// <summary>
    /// The containers of a job as processes on the test server: two workers, of whom the first saves the best model.
    /// </summary>
    [TestMethod]
    [TestCategory("Slow")]
    public void Jobs_ArgumentsOfTheFile_RunAgainstABucket()
    {
        using var scratch = new Scratch();
        using var bucket = new TestBucket();
        (_, JsonObject job) = Write(scratch, workers: 2);
        string[] arguments = [.. job["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.AsArray()
            .Select(a => (string)a!)];
        arguments[1] = Path.Combine(RepositoryFiles.Root, "samples");
        string[] more =
            ["--encoder", RepositoryFiles.TinyEncoder("hubert-base-like"), "--trials", "3", "--epochs", "1"];
        Process[] pods = [.. Enumerable.Range(0, (int)job["spec"]!["completions"]!).Select(i => Start(
            scratch.Folder, [.. arguments, .. more], ("JOB_COMPLETION_INDEX", $"{i}"),
            ("STORAGE_EMULATOR_HOST", bucket.Server.Address.ToString()), ("XDG_DATA_HOME", scratch.Folder),
            ("HOME", scratch.Folder)))];
        string[] outputs = [.. pods.Select(p => p.StandardOutput.ReadToEndAsync()).ToArray().Select(t => t.Result)];
        foreach ((Process pod, string output) in pods.Zip(outputs))
        {
            pod.WaitForExit();
            Assert.AreEqual(0, pod.ExitCode, output);
            pod.Dispose();
        }
        Assert.Contains("best: trial ", outputs[0]);
        Assert.Contains("trials ended here", outputs[1]);
        List<StudyEvent> events = StudyLog.Read(TestBucket.At("rates"));
        CollectionAssert.AreEquivalent(new[] { 1, 2, 3 }, events.OfType<TrialEnded>().Select(e => e.Trial).ToArray());
        Assert.IsTrue(events.OfType<TrialEnded>().All(e => e.State == SweepTrialState.Finished),
            string.Join('\n', outputs));
        var mlContext = new MLContext();
        using var model = (IDisposable)mlContext.Speech().LoadModel(TestBucket.At("rates/best.zip"), out _);
    }

    private static (JsonObject Vertex, JsonObject Kubernetes) Write(Scratch scratch, int workers)
    {
        ChildProgram.Succeed(RepositoryFiles.SweepCluster,
            ["--role", "jobs", "--study", TestBucket.At("rates"), "--workers", $"{workers}", "--encoder",
            RepositoryFiles.TinyEncoder("hubert-base-like")], start => start.WorkingDirectory = scratch.Folder);
        JsonObject Read(string file) => JsonNode.Parse(File.ReadAllText(scratch.At(file)))!.AsObject();
        return (Read("vertex.json"), Read("kubernetes.json"));
    }

    private static Process Start(
        string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [RepositoryFiles.SweepCluster, .. arguments])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    private static void CheckFields(string message, JsonObject node)
    {
        Dictionary<string, string?> fields = s_vertex[message].Split(' ').Select(f => f.TrimStart('*').Split(':'))
            .ToDictionary(f => f[0], f => f.ElementAtOrDefault(1));
        foreach (string required in s_vertex[message].Split(' ').Where(f => f[0] == '*')
            .Select(f => f[1..].Split(':')[0]))
        {
            Assert.IsTrue(node.ContainsKey(required), $"{message}.{required}");
        }
        foreach ((string name, JsonNode? value) in node)
        {
            Assert.IsTrue(fields.TryGetValue(name, out string? inner), $"{message} has no field '{name}'");
            if (inner is not null)
            {
                foreach (JsonNode? item in value is JsonArray items ? items.AsEnumerable() : new[] { value })
                {
                    CheckFields(inner, item!.AsObject());
                }
            }
        }
    }
}
