using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;
using k8s;
using k8s.Models;

namespace SpeechML.Sweeps.Tests;

[TestClass]
public sealed class SweepJobsTests
{
    // The fields of the messages in google/cloud/aiplatform/v1/custom_job.proto, machine_resources.proto and
    // env_var.proto, as JSON has them, with the messages that they hold; * is required.
    private static readonly Dictionary<string, string> s_vertex = new()
    {
        ["CustomJob"] = "*displayName *jobSpec:CustomJobSpec labels encryptionSpec",
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

    private static readonly SweepJob s_job = new()
    {
        Name = "rates",
        Image = "europe-west4-docker.pkg.dev/p/r/sweep:1",
        Command = ["dotnet", "/program/SweepCluster.dll"],
        Arguments = ["--role", "bucket", "--note", "a \"quoted\" text: yes"],
        Environment = new Dictionary<string, string> { ["LEVEL"] = "1", ["ON"] = "yes" },
        Workers = 3,
        AcceleratorType = "NVIDIA_TESLA_T4",
        Accelerators = 2,
        Spot = true,
        ServiceAccount = "sweeps",
        NodeSelector = new Dictionary<string, string> { ["cloud.google.com/gke-spot"] = "true" },
        Timeout = TimeSpan.FromHours(2),
    };

    [TestMethod]
    public void WriteVertex_OnePoolForTheFirstWorkerOneForTheOthers()
    {
        using var scratch = new Scratch();
        SweepJobs.WriteVertexRequest(Sweep(), s_job, scratch.At("job.json"));
        JsonObject job = JsonNode.Parse(File.ReadAllText(scratch.At("job.json")))!.AsObject();
        CheckFields("CustomJob", job);
        JsonObject spec = job["jobSpec"]!.AsObject();
        CollectionAssert.AreEqual(
            new[] { 1, 2 }, spec["workerPoolSpecs"]!.AsArray().Select(p => p!["replicaCount"]!.GetValue<int>())
            .ToArray());
        foreach (JsonNode? pool in spec["workerPoolSpecs"]!.AsArray())
        {
            Assert.AreEqual("""{"machineType":"n1-standard-8","acceleratorType":"NVIDIA_TESLA_T4","acceleratorCount":2}""", pool!["machineSpec"]!.ToJsonString());
            Assert.AreEqual("""["--role","bucket","--note","a \u0022quoted\u0022 text: yes","--study","gs://test-bucket/rates"]""", pool["containerSpec"]!["args"]!.ToJsonString());
            Assert.AreEqual("""[{"name":"LEVEL","value":"1"},{"name":"ON","value":"yes"}]""", pool["containerSpec"]!["env"]!.ToJsonString());
        }
        Assert.AreEqual("""{"timeout":"7200s","restartJobOnWorkerRestart":false,"strategy":"SPOT"}""", spec["scheduling"]!.ToJsonString());

        // What gcloud takes: the inner part, as YAML.
        SweepJobs.WriteVertex(Sweep(), s_job, scratch.At("job.yaml"));
        object? yaml = KubernetesYaml.Deserialize<object>(File.ReadAllText(scratch.At("job.yaml")));
        Assert.IsNotNull(yaml);
        SweepJobs.WriteVertex(Sweep(), s_job with { Workers = 1, Accelerators = 0, Spot = false },
            scratch.At("one.json"));
        JsonObject one = JsonNode.Parse(File.ReadAllText(scratch.At("one.json")))!.AsObject();
        CheckFields("CustomJobSpec", one);
        Assert.HasCount(1, one["workerPoolSpecs"]!.AsArray());
    }

    /// <summary>Read back by the types that Kubernetes' own client is made of, which know every field.</summary>
    [TestMethod]
    [DataRow("job.yaml")]
    [DataRow("job.json")]
    public void WriteKubernetes_IndexedJob_IsReadByKubernetesClient(string file)
    {
        using var scratch = new Scratch();
        SweepJobs.WriteKubernetes(Sweep(), s_job, scratch.At(file));
        V1Job job = KubernetesYaml.Deserialize<V1Job>(File.ReadAllText(scratch.At(file)), strict: true);
        Assert.AreEqual(("batch/v1", "Job", "rates"), (job.ApiVersion, job.Kind, job.Metadata.Name));
        Assert.AreEqual(("Indexed", 3, 3, 18, 7200L),
            (job.Spec.CompletionMode, job.Spec.Completions, job.Spec.Parallelism, job.Spec.BackoffLimit,
            job.Spec.ActiveDeadlineSeconds));
        V1PodSpec pod = job.Spec.Template.Spec;
        Assert.AreEqual(("Never", "sweeps", "true"),
            (pod.RestartPolicy, pod.ServiceAccountName, pod.NodeSelector["cloud.google.com/gke-spot"]));
        V1Container container = pod.Containers.Single();
        Assert.AreEqual(s_job.Image, container.Image);
        CollectionAssert.AreEqual(s_job.Command.ToArray(), container.Command.ToArray());
        CollectionAssert.AreEqual(
            new[] { "--role", "bucket", "--note", "a \"quoted\" text: yes", "--study", "gs://test-bucket/rates" },
            container.Args.ToArray());
        CollectionAssert.AreEqual(
            new[] { "1", "yes" }, container.Env.Select(e => e.Value).ToArray(), "texts stay texts");
        Assert.AreEqual("2", container.Resources.Limits["nvidia.com/gpu"].ToString());
    }

    [TestMethod]
    public void IsFirstWorker_ByWhatTheJobTells()
    {
        Assert.IsTrue(SweepJobs.IsFirst(null, null));
        Assert.IsTrue(SweepJobs.IsFirst("0", null));
        Assert.IsFalse(SweepJobs.IsFirst("2", null));
        static string Vertex(string pool, int index) => $$$"""{"cluster":{"workerpool0":["a:2222"],"workerpool1":["b:2222","c:2222"]},"environment":"cloud","task":{"type":"{{{pool}}}","index":{{{index}}}}}""";
        Assert.IsTrue(SweepJobs.IsFirst(null, Vertex("workerpool0", 0)));
        Assert.IsFalse(SweepJobs.IsFirst(null, Vertex("workerpool1", 0)));
    }

    [TestMethod]
    public void Write_NotValid_SaysWhatIsExpected()
    {
        static string Refusal(SweepJob job) =>
            Assert.ThrowsExactly<ArgumentException>(() => SweepJobs.WriteVertex(Sweep(), job, "x.json")).Message;
        Assert.AreEqual(
            "Sweep job, Name: expected lower-case letters, digits and hyphens, at most 52, a letter first and no " +
            "hyphen last, got Rates.", Refusal(s_job with { Name = "Rates" }));
        Assert.AreEqual("Sweep job, AcceleratorType: expected the type of the accelerators, got none.",
            Refusal(s_job with { AcceleratorType = null }));
        Assert.AreEqual("Sweep job, Workers: expected at least 1, got 0.", Refusal(s_job with { Workers = 0 }));
        Assert.AreEqual(
            "Sweep job: expected SetStudy with an address (gs://bucket/study), where the workers meet, got 'here'.",
            Assert.ThrowsExactly<InvalidOperationException>(() =>
            SweepJobs.WriteKubernetes(Sweep().SetStudy("here"), s_job, "x.yaml")).Message);
    }

    /// <summary>
    /// The sample's program as the containers of a job run it, on the test server: two workers, of whom the first saves
    /// the best model.
    /// </summary>
    [TestMethod]
    [TestCategory("Slow")]
    public void Job_CommandAndArgumentsOfTheSpec_RunAgainstABucket()
    {
        using var scratch = new Scratch();
        using var bucket = new TestBucket();
        SweepJob job = s_job with
        {
            Command = ["dotnet", RepositoryFiles.SweepCluster],
            Arguments = ["--role", "bucket", "--encoder", RepositoryFiles.TinyEncoder("hubert-base-like"), "--trials",
            "3", "--epochs", "1"],
            Environment = new Dictionary<string, string>
            {
                ["STORAGE_EMULATOR_HOST"] = bucket.Server.Address.ToString(),
                ["XDG_DATA_HOME"] = scratch.Folder,
                ["HOME"] = scratch.Folder
            },
            Workers = 2,
        };
        SweepJobs.WriteKubernetes(Sweep(), job, scratch.At("job.yaml"));
        V1Job read = KubernetesYaml.Deserialize<V1Job>(File.ReadAllText(scratch.At("job.yaml")), strict: true);
        Process[] pods = [.. Enumerable.Range(0, read.Spec.Completions!.Value)
            .Select(i => Start(read.Spec.Template.Spec.Containers.Single(), i))];
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

    private static Process Start(V1Container container, int index)
    {
        var start = new ProcessStartInfo(
            container.Command[0], [.. container.Command.Skip(1), .. container.Args])
        { RedirectStandardOutput = true };
        foreach (V1EnvVar variable in container.Env)
        {
            start.Environment[variable.Name] = variable.Value;
        }
        start.Environment["JOB_COMPLETION_INDEX"] = index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    private static SpeechSweep Sweep() =>
        SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetMaxTrials(4).SetStudy(TestBucket.At("rates"));

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
