using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Benchmarks.Peers;
using SpeechML.Benchmarks.Workers;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.Benchmarks.Buckets;

/// <summary>
/// Recordings of a bucket whose every answer takes 50 ms, decoded and resampled, against the same on the disk.
/// </summary>
internal static class BucketWork
{
    private const int Clips = 500;
    private const int Rate = 44_100;

    /// <summary>From the bucket; each time by a new store with an empty cache.</summary>
    public static IWork Bucket()
    {
        string folder = Folder();
        string caches = Directory.CreateTempSubdirectory("speechml-bucket-").FullName;
        var server = new BucketServer(folder);
        int runs = 0;
        float[] Run()
        {
            using var store = (IDisposable)GoogleCloudStorage.Register(new GoogleCloudStorageOptions
            {
                Endpoint = server.Address,
                Credentials = GoogleCloudCredentials.Anonymous,
                CacheFolder = Path.Combine(caches, $"{runs++}"),
            });
            return Read($"gs://{GcsBackend.Bucket}/clips");
        }
        return new Work(() => _ = Run(), Run, server, new Caches(caches));
    }

    public static IWork Local()
    {
        string folder = Folder();
        return new Work(() => _ = Read(folder), () => Read(folder));
    }

    /// <summary>The number of samples of each clip.</summary>
    private static float[] Read(string folder)
    {
        var context = new MLContext(seed: 1);
        IDataView rows = context.Data.LoadFromEnumerable(
            Enumerable.Range(0, Clips).Select(i => new Row { File = $"c{i:D4}.wav" }));
        return [.. context.Transforms.LoadAudio("Audio", folder, "File")
            .Append(context.Transforms.ResampleAudio("Audio", Rate)).Fit(rows).Transform(rows)
            .GetColumn<MLAudio>("Audio").Select(a => (float)a.Length)];
    }

    /// <summary>The repository's recordings, over and over.</summary>
    private static string Folder()
    {
        string folder = Path.Combine(PeerFiles.Cache, "bucket");
        string[] prompts = [.. Directory.GetFiles(Path.Combine(Repository.Root, "samples", "data", "prompts"), "*.wav")
            .Order(StringComparer.Ordinal)];
        Directory.CreateDirectory(folder);
        for (int i = 0; i < Clips; i++)
        {
            File.Copy(prompts[i % prompts.Length], Path.Combine(folder, $"c{i:D4}.wav"), overwrite: true);
        }
        return folder;
    }

    private sealed class Caches(string folder) : IDisposable
    {
        public void Dispose() => Directory.Delete(folder, recursive: true);
    }

    private sealed class Row
    {
        public string File { get; set; } = "";
    }
}
