using SpeechML.Data.Recordings;
using SpeechML.Recordings;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Recordings;

/// <summary>How a long clip is cut: every frame is pooled once, away from the edges of its window.</summary>
[TestClass]
public sealed class LongAudioLimitsTests
{
    public static IEnumerable<object[]> Encoders() =>
        new[] { "whisper-80", "hubert-base-like", "wavlm-base-like", "wav2vec2-large-like" }
        .Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void Cut_AnyLengthAndOverlap_EveryFrameIsOfOneWindow(string encoder)
    {
        EncoderConfig config = Config(encoder);
        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            double length = 0.1 + (random.NextDouble() * 3);
            var options = new LongAudioOptions { Length = length, Overlap = random.NextDouble() * (length - 0.08) };
            LongAudioLimits limits = LongAudioLimits.Of(options, config);
            int samples = (int)limits.Whole + 1 + random.Next(200_000);
            AudioWindow[] windows = limits.Cut(samples);
            long next = 0;
            foreach (AudioWindow window in windows)
            {
                Assert.AreEqual(0, window.Start % config.Hop);
                Assert.AreEqual(next, (window.Start / config.Hop) + window.From, "the frame after the last one");
                Assert.IsGreaterThanOrEqualTo(0, window.From);
                Assert.IsGreaterThan(0, window.Frames);
                Assert.IsLessThanOrEqualTo(config.FrameCount(window.Length), window.To);
                next += window.Frames;
            }
            Assert.AreEqual(config.FrameCount(samples), next, "all frames of the clip");
            Assert.IsTrue(windows[..^1].All(w => w.Length == limits.Window));
            Assert.AreEqual(samples, windows[^1].Start + windows[^1].Length);
            Assert.IsLessThan(config.Hop, limits.Window - windows[^1].Length);
        }
    }

    [TestMethod]
    public void Cut_Default_ContextIsHalfTheOverlap()
    {
        LongAudioLimits limits = LongAudioLimits.Of(new LongAudioOptions(), Config("whisper-80"));
        AudioWindow[] windows = limits.Cut(16_000 * 82);
        // 30 s of 1500 frames, 26 s from one to the next, 2 s of context where there is a neighbour.
        CollectionAssert.AreEqual(
            new AudioWindow[]
            {
                new(0, 480_000, 0, 1400), new(416_000, 480_000, 100, 1400), new(832_000, 480_000, 100, 1500),
            },
            windows);
    }

    [TestMethod]
    [DataRow("whisper-80", 30, 30)]
    [DataRow("hubert-base-like", 60, 15)]
    public void Of_Default_IsTheEncodersOwn(string encoder, int whole, int window)
    {
        LongAudioLimits limits = LongAudioLimits.Of(new LongAudioOptions(), Config(encoder));
        Assert.AreEqual(whole * 16_000, limits.Whole);
        Assert.AreEqual(window * 16_000, limits.Window);
    }

    [TestMethod]
    public void Of_ModelOfAnEarlierVersion_RefusesWhatTheEncoderDoesNotTake()
    {
        Assert.AreEqual(480_000, LongAudioLimits.Of(null, Config("whisper-80")).Whole);
        Assert.AreEqual(long.MaxValue, LongAudioLimits.Of(null, Config("hubert-base-like")).Whole);
        Assert.IsFalse(LongAudioLimits.Of(null, Config("whisper-80")).Cuts);
    }

    [TestMethod]
    [DataRow("whisper-80", 31.0, 4.0,
        "Option LongAudio.Length: expected at most 30 s, what encoder 'whisper' takes at once, got '31'.")]
    [DataRow("hubert-base-like", 0.01, 0.0,
        "Option LongAudio.Length: expected at least 0.045 s, enough for a frame, got '0.01'.")]
    [DataRow("hubert-base-like", 1.0, 0.99,
        "Option LongAudio.Overlap: expected at most 0.96 s, a frame less than a window, got '0.99'.")]
    public void Of_WindowThatTheEncoderCannotTake_IsRefused(
        string encoder, double length, double overlap, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<ArgumentException>(() => LongAudioLimits.Of(
            new LongAudioOptions { Length = length, Overlap = overlap }, Config(encoder))).Message);

    private static EncoderConfig Config(string encoder) =>
        EncoderLoader.ReadConfig(RepositoryFiles.TinyEncoder(encoder));
}
