using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;

namespace SpeechML.Tests.Adapters;

/// <summary>Adapters in the trainers: they learn while the encoder stays, and a zip brings them back.</summary>
[TestClass]
public sealed class LoraTrainingTests
{
    public static IEnumerable<object[]> Cases() =>
    [
        ["whisper-80", new LoraOptions { Rank = 4 }],
        ["hubert-base-like", new LoraOptions { Rank = 4 }],
        ["wavlm-base-like", new LoraOptions { Rank = 4, Dora = true, Targets = "q_proj,k_proj,v_proj,out_proj" }],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Fit_WithAdapter_LearnsAndSurvivesItsZip(string encoder, LoraOptions lora) =>
        CombinationTests.AssertLearnsAndSurvivesItsZip(
            new SpeechClassificationOptions
            {
                Layers = EncoderLayers.Last,
                Encoder = RepositoryFiles.TinyEncoder(encoder),
                Lora = lora,
            },
            epochs: 50);
}
