using System.Diagnostics;
using System.Net;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>The sample ScoringService, in a process of its own.</summary>
[TestClass]
public sealed class ScoringServiceTests
{
    private const int Uploads = 200;

    [TestMethod]
    public async Task Service_ManyUploadsAtOnce_AreThoseOneAfterTheOther()
    {
        using ScoringServiceProcess service =
            ScoringServiceProcess.Start(TinyRun.Folder, "--Limits:MaxSeconds", "6", "--Limits:MaxBytes", "200000");
        byte[][] clips = [.. Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes).Where(b => b.Length < 90_000).Take(16)];
        string[] alone = new string[clips.Length];
        for (int i = 0; i < clips.Length; i++)
        {
            alone[i] = await service.Score(clips[i], HttpStatusCode.OK);
        }
        Assert.IsGreaterThan(1, alone.Distinct().Count());
        using JsonDocument answer = JsonDocument.Parse(alone[0]);
        Assert.AreEqual(1,
            answer.RootElement.GetProperty("probabilities").EnumerateObject().Sum(p => p.Value.GetDouble()), 1e-5);

        string[] together = await Task.WhenAll(Enumerable.Range(0, Uploads)
            .Select(i => service.Score(clips[i % clips.Length], HttpStatusCode.OK)));
        for (int i = 0; i < Uploads; i++)
        {
            Assert.AreEqual(alone[i % clips.Length], together[i]);
        }
        Assert.AreEqual("Healthy", await service.Client.GetStringAsync("/health"));
    }

    [TestMethod]
    public async Task Service_BadUploads_AreRefusedWithTheReason()
    {
        using ScoringServiceProcess service =
            ScoringServiceProcess.Start(TinyRun.Folder, "--Limits:MaxSeconds", "0.5", "--Limits:MaxBytes", "40000");
        Refused(await service.Score([], HttpStatusCode.UnprocessableEntity),
            "'upload': expected audio, got an empty file.");
        Refused(await service.Score("hello, no audio"u8.ToArray(), HttpStatusCode.UnprocessableEntity),
            "'upload': expected the signature of WAV");
        Refused(await service.Score(Tone(10), HttpStatusCode.UnprocessableEntity), "expected at least");
        Refused(await service.Score(Tone(9600), HttpStatusCode.RequestEntityTooLarge),
            "'upload': expected at most 0.5 s of audio, got more.");
        Refused(await service.Score(Tone(21_000), HttpStatusCode.RequestEntityTooLarge),
            "The max request body size is 40000 bytes.");
        _ = await service.Score(Tone(4000), HttpStatusCode.OK);
    }

    /// <summary>Writes the figures of docs/benchmarks.md to the test's output.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    public async Task Service_WhisperBase_WritesItsLatency()
    {
        using var scratch = new Scratch();
        ToolHost.Succeed(["train", .. TinyRun.Arguments.Select(a => a == "0.5" ? "10" : a)
            .Select(a => a == "last" ? "2" : a)
            .Select(a => a == RepositoryFiles.TinyEncoder("hubert-base-like") ? RepositoryFiles.WhisperBase : a),
            "--whisper-context", "Trimmed", "--output", scratch.At("run"), "--quiet"]);
        using ScoringServiceProcess service = ScoringServiceProcess.Start(scratch.At("run"));
        byte[][] clips = [.. Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Select(File.ReadAllBytes)];
        foreach (int atOnce in new[] { 1, 1, 4, Uploads }) // the first time warms up
        {
            var clock = Stopwatch.StartNew();
            int next = -1;
            var latencies = new double[Uploads];
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
            {
                for (int i = Interlocked.Increment(ref next); i < Uploads; i = Interlocked.Increment(ref next))
                {
                    var one = Stopwatch.StartNew();
                    await service.Score(clips[i % clips.Length], HttpStatusCode.OK);
                    latencies[i] = one.Elapsed.TotalMilliseconds;
                }
            }));
            Array.Sort(latencies);
            Console.WriteLine(FormattableString.Invariant(
                $"{atOnce} at a time: p50 {latencies[Uploads / 2]:F0} ms, ") +
                FormattableString.Invariant($"p99 {latencies[Uploads * 99 / 100]:F0} ms, ") +
                FormattableString.Invariant($"{Uploads / clock.Elapsed.TotalSeconds:F1} clips/s"));
        }
    }

    private static byte[] Tone(int samples) => WavBytes.Pcm16(
        [.. Enumerable.Range(0, samples).Select(i => (short)(9000 * Math.Sin(0.1 * i)))], 1, 16_000);

    private static void Refused(string problem, string detail)
    {
        using JsonDocument json = JsonDocument.Parse(problem);
        StringAssert.Contains(json.RootElement.GetProperty("detail").GetString(), detail);
    }
}
