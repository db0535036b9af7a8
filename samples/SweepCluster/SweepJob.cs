using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SweepCluster;

/// <summary>
/// Job files that start the workers in a cloud, as JSON, which kubectl and gcloud accept: each worker runs this
/// program, and they meet in the study's bucket. Change what your project needs (machines, accounts, accelerators)
/// here.
/// </summary>
internal sealed record SweepJob(string Name, string Image, IReadOnlyList<string> Arguments, int Workers)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromDays(7);

    /// <summary>
    /// Whether this process is the job's first worker, which saves the best model: by <c>JOB_COMPLETION_INDEX</c> of a
    /// Kubernetes Indexed Job or <c>CLUSTER_SPEC</c> of Vertex AI; outside of jobs, yes.
    /// </summary>
    public static bool IsFirstWorker
    {
        get
        {
            if (Environment.GetEnvironmentVariable("JOB_COMPLETION_INDEX") is { Length: > 0 } index)
            {
                return index == "0";
            }
            string? cluster = Environment.GetEnvironmentVariable("CLUSTER_SPEC");
            JsonNode? task = string.IsNullOrEmpty(cluster) ? null : JsonNode.Parse(cluster)?["task"];
            return task is null || ((string?)task["type"] == "workerpool0" && task["index"]?.ToString() == "0");
        }
    }

    /// <summary>For <c>gcloud ai custom-jobs create --display-name=NAME --region=REGION --config=FILE</c>.</summary>
    public JsonObject Vertex()
    {
        JsonObject Pool(int replicas) => new()
        {
            ["machineSpec"] = new JsonObject { ["machineType"] = "n1-standard-8" },
            ["replicaCount"] = replicas,
            ["diskSpec"] = new JsonObject { ["bootDiskType"] = "pd-ssd", ["bootDiskSizeGb"] = 100 },
            ["containerSpec"] = new JsonObject { ["imageUri"] = Image, ["args"] = Texts(Arguments) },
        };
        // Vertex AI takes one replica only in the first pool.
        JsonArray pools = Workers > 1 ? [Pool(1), Pool(Workers - 1)] : [Pool(1)];
        return new JsonObject
        {
            ["workerPoolSpecs"] = pools,
            ["scheduling"] = new JsonObject
            {
                ["timeout"] = string.Create(CultureInfo.InvariantCulture, $"{s_timeout.TotalSeconds}s"),
                ["restartJobOnWorkerRestart"] = false,
                ["strategy"] = "SPOT",
            },
        };
    }

    /// <summary>An Indexed Job for <c>kubectl apply -f FILE</c>; failed and evicted pods are replaced.</summary>
    public JsonObject Kubernetes()
    {
        JsonObject Resources() => new() { ["cpu"] = "4", ["memory"] = "16Gi" };
        var container = new JsonObject
        {
            ["name"] = "worker",
            ["image"] = Image,
            ["args"] = Texts(Arguments),
            ["resources"] = new JsonObject { ["requests"] = Resources(), ["limits"] = Resources() },
        };
        var pod = new JsonObject { ["restartPolicy"] = "Never", ["containers"] = new JsonArray(container) };
        return new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = Name },
            ["spec"] = new JsonObject
            {
                ["completionMode"] = "Indexed",
                ["completions"] = Workers,
                ["parallelism"] = Workers,
                ["backoffLimit"] = 6 * Workers,
                ["activeDeadlineSeconds"] = (long)s_timeout.TotalSeconds,
                ["template"] = new JsonObject { ["spec"] = pod },
            },
        };
    }

    public static void Write(JsonObject document, string path) =>
        File.WriteAllText(path, document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");

    private static JsonArray Texts(IEnumerable<string> values) => [.. values.Select(v => JsonValue.Create(v))];
}
