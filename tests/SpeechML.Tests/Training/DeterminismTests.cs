using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training;

/// <summary>
/// The same run twice ends with the same bytes also where kept hidden states go straight into a matrix product: MKL
/// rounds differently by the alignment of its inputs, and
/// managed arrays lie anywhere.
/// </summary>
[TestClass]
public sealed class DeterminismTests
{
    public static IEnumerable<object[]> Runs() =>
    [
        ["wavlm-base-like", (Action<SpeechClassificationOptions>)(
        o => o.Lora = new LoraOptions { Rank = 2, Dora = true })],
        ["hubert-base-like", (Action<SpeechClassificationOptions>)(o => o.Lora = new LoraOptions { Rank = 2 })],
        ["hubert-base-like", (Action<SpeechClassificationOptions>)(o => o.Freezing = LayerFreezing.Half)],
        ["hubert-base-like", (Action<SpeechClassificationOptions>)(o => o.Freezing = LayerFreezing.All)],
    ];

    [TestMethod]
    [DynamicData(nameof(Runs))]
    public void Fit_KeptHiddenStates_SameBytesTwice(string encoder, Action<SpeechClassificationOptions> change)
    {
        byte[] Run()
        {
            SpeechClassificationOptions options = TrainingRuns.Options();
            (options.Encoder, options.EncoderLearningRate) = (RepositoryFiles.TinyEncoder(encoder), 1e-2);
            change(options);
            return TrainingRuns.Fit(options);
        }
        byte[] first = Run();
        // Arrays of the second run lie elsewhere.
        byte[][] between = [.. Enumerable.Range(1, 200).Select(i => new byte[i * 8])];
        CollectionAssert.AreEqual(first, Run());
        GC.KeepAlive(between);
    }
}
