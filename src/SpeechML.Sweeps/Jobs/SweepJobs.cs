using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Sweeps.Jobs;

namespace SpeechML;

/// <summary>
/// Files that start a sweep's workers in a cloud: each runs the same program, and they meet in the study's bucket;
/// there is no server. Files whose names end in <c>.json</c> are JSON, others YAML.
/// </summary>
public static class SweepJobs
{
    private const string VertexPool = "workerpool0"; // Vertex AI's name of the pool that has the first worker
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>
    /// Whether this process is the first worker of a job, who saves what the sweep comes to: by
    /// <c>JOB_COMPLETION_INDEX</c> of a Kubernetes Indexed Job or <c>CLUSTER_SPEC</c> of Vertex AI; outside of jobs,
    /// yes.
    /// </summary>
    public static bool IsFirstWorker =>
        IsFirst(Environment.GetEnvironmentVariable("JOB_COMPLETION_INDEX"),
        Environment.GetEnvironmentVariable("CLUSTER_SPEC"));

    /// <summary>
    /// Writes what <c>gcloud ai custom-jobs create --display-name=NAME --region=REGION --config=FILE</c> takes: a
    /// <c>CustomJobSpec</c> of Vertex AI with one worker pool for the first worker and one for the others.
    /// </summary>
    /// <param name="sweep">The sweep; its study is in a bucket.</param>
    /// <param name="job">The containers and machines.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">The job's settings are not valid.</exception>
    /// <exception cref="InvalidOperationException">The sweep lacks something, or its study is in no bucket.</exception>
    public static void WriteVertex(SpeechSweep sweep, SweepJob job, string path) => Write(path, VertexSpec(sweep, job));

    /// <summary>
    /// Writes the body of the request <c>POST
    /// https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION/customJobs</c>: a <c>CustomJob</c>
    /// of Vertex AI.
    /// </summary>
    /// <inheritdoc cref="WriteVertex"/>
    public static void WriteVertexRequest(SpeechSweep sweep, SweepJob job, string path) =>
        Write(path, new JsonObject { ["displayName"] = job?.Name, ["jobSpec"] = VertexSpec(sweep, job!) });

    /// <summary>
    /// Writes an Indexed Job for <c>kubectl apply -f FILE</c>. A pod that fails or is taken away is replaced.
    /// </summary>
    /// <inheritdoc cref="WriteVertex"/>
    public static void WriteKubernetes(SpeechSweep sweep, SweepJob job, string path) =>
        Write(path, KubernetesJob(sweep, job));

    internal static bool IsFirst(string? index, string? clusterSpec)
    {
        if (index is { Length: > 0 })
        {
            return index == "0";
        }
        if (clusterSpec is not { Length: > 0 })
        {
            return true;
        }
        JsonNode? task = JsonNode.Parse(clusterSpec)?["task"];
        return task?["type"]?.GetValue<string>() == VertexPool && task["index"] is { } number
            && number.ToString() == "0";
    }

    private static JsonObject VertexSpec(SpeechSweep sweep, SweepJob job)
    {
        string study = StudyOf(sweep, job);
        SweepJob.Check(job.Accelerators == 0 || job.AcceleratorType is not null, nameof(job.AcceleratorType),
            "the type of the accelerators", "none");
        JsonObject Pool(int replicas)
        {
            var machine = new JsonObject { ["machineType"] = job.MachineType };
            if (job.Accelerators > 0)
            {
                machine["acceleratorType"] = job.AcceleratorType;
                machine["acceleratorCount"] = job.Accelerators;
            }
            var container = new JsonObject { ["imageUri"] = job.Image };
            Add(container, "command", job.Command);
            Add(container, "args", [.. job.Arguments, job.StudyArgument, study]);
            Add(container, "env", job.Environment);
            return new JsonObject
            {
                ["machineSpec"] = machine,
                ["replicaCount"] = replicas,
                ["diskSpec"] = new JsonObject { ["bootDiskType"] = "pd-ssd", ["bootDiskSizeGb"] = job.DiskSize },
                ["containerSpec"] = container,
            };
        }

        // The first pool has one replica, whatever the job: Vertex AI takes no other number there.
        var pools = new JsonArray(Pool(1));
        if (job.Workers > 1)
        {
            pools.Add((JsonNode)Pool(job.Workers - 1));
        }
        // A worker that is started again goes on by itself; the others need not be.
        var scheduling = new JsonObject
        {
            ["timeout"] =
            string.Create(CultureInfo.InvariantCulture, $"{(long)job.Timeout.TotalSeconds}s"),
            ["restartJobOnWorkerRestart"] = false
        };
        if (job.Spot)
        {
            scheduling["strategy"] = "SPOT";
        }
        var spec = new JsonObject { ["workerPoolSpecs"] = pools, ["scheduling"] = scheduling };
        if (job.ServiceAccount is { } account)
        {
            spec["serviceAccount"] = account;
        }
        return spec;
    }

    private static JsonObject KubernetesJob(SpeechSweep sweep, SweepJob job)
    {
        const int AttemptsPerWorker = 6; // Kubernetes' own default, for a job of one
        string study = StudyOf(sweep, job);
        var container = new JsonObject { ["name"] = "worker", ["image"] = job.Image };
        Add(container, "command", job.Command);
        Add(container, "args", [.. job.Arguments, job.StudyArgument, study]);
        Add(container, "env", job.Environment);
        JsonObject Resources()
        {
            var resources = new JsonObject { ["cpu"] = job.Cpu, ["memory"] = job.Memory };
            if (job.Accelerators > 0)
            {
                resources["nvidia.com/gpu"] = job.Accelerators.ToString(CultureInfo.InvariantCulture);
            }
            return resources;
        }
        container["resources"] = new JsonObject { ["requests"] = Resources(), ["limits"] = Resources() };
        var pod = new JsonObject { ["restartPolicy"] = "Never", ["containers"] = new JsonArray(container) };
        if (job.ServiceAccount is { } account)
        {
            pod["serviceAccountName"] = account;
        }
        if (job.NodeSelector.Count > 0)
        {
            pod["nodeSelector"] = new JsonObject(
                job.NodeSelector.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value)));
        }
        return new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = job.Name },
            ["spec"] = new JsonObject
            {
                ["completionMode"] = "Indexed",
                ["completions"] = job.Workers,
                ["parallelism"] = job.Workers,
                ["backoffLimit"] = AttemptsPerWorker * job.Workers,
                ["activeDeadlineSeconds"] = (long)job.Timeout.TotalSeconds,
                ["template"] = new JsonObject { ["spec"] = pod },
            },
        };
    }

    private static string StudyOf(SpeechSweep sweep, SweepJob job)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        ArgumentNullException.ThrowIfNull(job);
        job.Validate();
        string? study = sweep.Session().StudyName;
        return StoragePath.IsRemote(study) ? study!
            : throw new InvalidOperationException(
            $"Sweep job: expected {nameof(SpeechSweep.SetStudy)} with an address (gs://bucket/study), where the " +
            $"workers meet, got {(study is null ? "none" : $"'{study}'")}.");
    }

    private static void Add(JsonObject target, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            target[name] = new JsonArray([.. values.Select(v => (JsonNode)v)]);
        }
    }

    private static void Add(JsonObject target, string name, IReadOnlyDictionary<string, string> variables)
    {
        if (variables.Count > 0)
        {
            target[name] = new JsonArray(
                [.. variables.Select(v => (JsonNode)new JsonObject { ["name"] = v.Key, ["value"] = v.Value })]);
        }
    }

    private static void Write(string path, JsonObject document)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string text = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? document.ToJsonString(s_indented) + "\n" : YamlText.Of(document);
        StoragePath.WriteAllText(path, text, overwrite: true);
    }
}
