using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Tasks;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;

namespace SpeechML.Tests.Recordings;

/// <summary>Long clips in scoring; a clip that fits is as it was.</summary>
[TestClass]
public sealed class LongAudioScoringTests
{
    // Of 0.5 s and less, and longer: whole windows, and a rest.
    private static readonly int[] s_lengths = [8000, 5000, 8001, 30_000, 14_567];

    private readonly LongClips _clips = new();

    public static IEnumerable<object[]> Encoders() =>
        new[] { "whisper-80", "hubert-base-like", "wavlm-base-like", "wav2vec2-large-like" }
        .Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void EncodeSpeech_ClipThatFits_IsTheSameToTheBitWithEveryRule(string encoder)
    {
        IDataView data = _clips.View(8000, 5000, 3000);
        float[][] before = _clips.Encode(
            LongClips.Encoding(encoder, o => o.LongAudio = new LongAudioOptions { Rule = LongAudioRule.Error }), data);
        foreach (LongAudioRule rule in Enum.GetValues<LongAudioRule>())
        {
            float[][] now = _clips.Encode(LongClips.Encoding(encoder, o => o.LongAudio.Rule = rule), data);
            for (int i = 0; i < now.Length; i++)
            {
                CollectionAssert.AreEqual(before[i], now[i], $"{rule}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void EncodeSpeech_LongClips_AreAsManyFramesAsInOnePassAndPooledTogether(string encoder)
    {
        IDataView data = _clips.View(s_lengths);
        float[][] whole = _clips.Encode(LongClips.Encoding(encoder, o =>
        {
            o.Output = SpeechFeatureOutput.Frames;
            o.LongAudio = new LongAudioOptions { Rule = LongAudioRule.Error };
        }), data);
        float[][] frames =
            _clips.Encode(LongClips.Encoding(encoder, o => o.Output = SpeechFeatureOutput.Frames), data);
        CollectionAssert.AreEqual(
            whole.Select(f => f.Length).ToArray(), frames.Select(f => f.Length).ToArray());
        float[][] pooled = _clips.Encode(LongClips.Encoding(encoder), data);
        int size = pooled[0].Length;
        PipelineTests.AssertEqual(
            [.. frames.Select(f => Enumerable.Range(0, size).Select(j =>
                (float)Enumerable.Range(0, f.Length / size).Average(t => (double)f[(t * size) + j])).ToArray())],
            pooled, 1e-5);
    }

    [TestMethod]
    public void EncodeSpeech_EncoderThatSeesNothingBeyondTheContext_IsAsInOnePass()
    {
        // Hidden state 0 sees 64 frames to either side, 1.28 s: less than half the overlap. The front end of this
        // encoder normalises each frame by itself; the level is that of the whole clip.
        SpeechEncodingOptions Options(LongAudioOptions rule) => LongClips.Encoding(
            "wav2vec2-large-like", o => (o.Layers, o.Output, o.LongAudio) = ("0", SpeechFeatureOutput.Frames, rule));
        IDataView data = _clips.View(100_000, 71_234);
        PipelineTests.AssertEqual(
            _clips.Encode(Options(new LongAudioOptions { Rule = LongAudioRule.Error }), data),
            _clips.Encode(Options(new LongAudioOptions { Length = 4, Overlap = 2.7 }), data), 1e-5);
    }

    [TestMethod]
    [DataRow("Mean")]
    [DataRow("MeanStd")]
    [DataRow("Max")]
    [DataRow("Min")]
    public void EncodeSpeech_EveryPooling_IsThatOfAllFrames(string pooling)
    {
        IDataView data = _clips.View(30_000);
        float[] frames = _clips.Encode(
            LongClips.Encoding("hubert-base-like", o => o.Output = SpeechFeatureOutput.Frames), data)[0];
        using SpeechML.FramePooling whole = SpeechPooling.Create(pooling, 32, 0);
        using TorchSharp.torch.Tensor all = TorchSharp.torch.tensor(frames, [1, frames.Length / 32, 32]);
        using TorchSharp.torch.Tensor expected = whole.Pool(all, [frames.Length / 32]);
        PipelineTests.AssertEqual(
            [expected.data<float>().ToArray()],
            _clips.Encode(LongClips.Encoding("hubert-base-like", o => o.Pooling = pooling), data), 1e-5);
    }

    [TestMethod]
    [DataRow("whisper-80", WindowCombination.Frames)]
    [DataRow("whisper-80", WindowCombination.Probabilities)]
    [DataRow("hubert-base-like", WindowCombination.Frames)]
    [DataRow("hubert-base-like", WindowCombination.Probabilities)]
    public void Score_Saved_LongClipAloneAsInBatchAndAfterLoading(string encoder, WindowCombination combination)
    {
        IDataView data = _clips.Keyed(s_lengths);
        using SpeechClassificationTransformer model =
            _clips.Fit(LongClips.Training(encoder, o => o.LongAudio.Combination = combination), data);
        float[][] scores = LongClips.Scores(model, data);
        for (int i = 0; i < s_lengths.Length; i++)
        {
            MLAudio audio = data.GetColumn<MLAudio>("Audio").ElementAt(i);
            float[] alone = OutputScores.Softmax(model.Model.Run([audio], "Audio").Single()).Select(p => (float)p)
                .ToArray();
            PipelineTests.AssertEqual([scores[i]], [alone], 1e-5);
        }
        using var scratch = new Scratch();
        _clips.Context.Model.Save(model, data.Schema, scratch.At("model.zip"));
        using var loaded = (IDisposable)_clips.Context.Model.Load(scratch.At("model.zip"), out _);
        PipelineTests.AssertEqual(scores, LongClips.Scores((ITransformer)loaded, data), 0);
    }

    [TestMethod]
    public void Score_Truncate_IsTheBeginning()
    {
        SpeechEncodingOptions options =
            LongClips.Encoding("hubert-base-like", o => o.LongAudio.Rule = LongAudioRule.Truncate);
        float[] samples = SpeechML.TrainingSupport.TinyEncoders.Clip(20_000, 0);
        float[] whole = _clips.Encode(options, _clips.View(20_000))[0];
        using SpeechEncodingTransformer model =
            _clips.Context.Transforms.EncodeSpeech("Features", options, "Audio").Fit(_clips.View(8000));
        CollectionAssert.AreEqual(
            whole, model.Model.Run([MLAudio.FromSamples(samples.AsSpan(0, 8000), 16_000)], "Audio").Single());
    }

    [TestMethod]
    public void Score_Error_NamesTheRemedy()
    {
        SpeechEncodingOptions options =
            LongClips.Encoding("whisper-80", o => o.LongAudio.Rule = LongAudioRule.Error);
        Assert.AreEqual(
            "Column 'Audio': expected 1 to 8000 samples at 16000 Hz for the encoder 'whisper', got 8001 (0.500 s). " +
            "Cut it before, or fit the model with another LongAudio.Rule than Error.",
            Assert.ThrowsExactly<InvalidOperationException>(
                () => _clips.Encode(options, _clips.View(8001))).Message);
    }

    [TestMethod]
    public void Attention_LongClip_WeighsEveryFrame()
    {
        IDataView data = _clips.Keyed(30_000, 8000);
        using SpeechClassificationTransformer model = _clips.Fit(
            LongClips.Training("hubert-base-like", o => o.Pooling = SpeechPooling.Attention), data);
        MLAudio audio = data.GetColumn<MLAudio>("Audio").First();
        float[] shares = model.Model.FrameWeights(audio, "Audio")!;
        Assert.HasCount((int)model.Network.Encoder.Config.FrameCount(30_000), shares);
        Assert.AreEqual(1, shares.Sum(), 1e-4);
    }

    [TestMethod]
    public void Transform_ContextCancelledBetweenWindows_Stops()
    {
        SpeechEncodingOptions options = LongClips.Encoding("hubert-base-like");
        IDataView data = _clips.View(400_000);
        using SpeechEncodingTransformer model =
            _clips.Context.Transforms.EncodeSpeech("Features", options, "Audio").Fit(data);
        var messages = new List<string>();
        _clips.Context.Log += (_, e) =>
        {
            if (e.Message.Contains("windows", StringComparison.Ordinal))
            {
                messages.Add(e.Message);
                Cancel(_clips.Context);
            }
        };
        Assert.ThrowsExactly<OperationCanceledException>(
            () => model.Transform(data).GetColumn<float[]>("Features").ToArray());
        Assert.HasCount(1, messages);
    }

    /// <summary>What the host's cancellation calls; ML.NET keeps it internal.</summary>
    private static void Cancel(MLContext mlContext) => typeof(MLContext)
        .GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!
        .Invoke(mlContext, null);
}
