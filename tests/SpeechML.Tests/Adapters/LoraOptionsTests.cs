using SpeechML.TestSupport;

namespace SpeechML.Tests.Adapters;

/// <summary>What LoRA options are refused, alone, for an encoder, and beside other training options.</summary>
[TestClass]
public sealed class LoraOptionsTests
{
    public static IEnumerable<object[]> Wrong() =>
    [
        [new LoraOptions { Rank = -1 }, "Option Lora.Rank: expected 0 (no adapter) or more, got '-1'."],
        [new LoraOptions { Dora = true },
        "Option Lora.Rank: expected at least 1, because other options of Lora are set, got '0'."],
        [new LoraOptions { Rank = 2, Alpha = 0 }, "Option Lora.Alpha: expected a number above 0, got '0'."],
        [new LoraOptions { Rank = 2, Dropout = 1 },
        "Option Lora.Dropout: expected a probability from 0 to below 1, got '1'."],
        [new LoraOptions { Rank = 2, Targets = " " },
        "Option Lora.Targets: expected names of linear maps such as 'q_proj,v_proj', or 'all-linear', got ' '."],
        [new LoraOptions { Rank = 2, Layers = "3-1" },
        "Option Lora.Layers: expected layer numbers and ranges such as '0-3,5', got '3-1'."],
        [new LoraOptions { Rank = 2, RankPattern = "q_proj=1.5" },
        "Option Lora.RankPattern: expected a whole number of at least 1 for 'q_proj', got '1.5'."],
        [new LoraOptions { Rank = 2, AlphaPattern = "q_proj" },
        "Option Lora.AlphaPattern: expected pairs of a name and a number above 0 such as 'q_proj=2,v_proj=4', got " +
        "'q_proj'."],
    ];

    public static IEnumerable<object[]> WrongForEncoder() =>
    [
        [new LoraOptions { Rank = 2, Targets = "query" },
        "Option Lora.Targets: expected names of linear maps of encoder 'whisper' ('fc1', 'fc2', 'k_proj', " +
        "'out_proj', 'q_proj', 'v_proj') or 'all-linear', got 'query'."],
        [new LoraOptions { Rank = 2, Layers = "40" },
        "Option Lora.Layers: expected layers within 0 to 1 (the layers in use), got '40'."],
        [new LoraOptions { Rank = 2, RankPattern = "fc1=3" },
        "Option Lora.RankPattern: expected ends of names of adapted maps such as " +
        "'model.encoder.layers.0.self_attn.q_proj', got 'fc1'."],
    ];

    [TestMethod]
    [DynamicData(nameof(Wrong))]
    public void Validate_WrongOption_SaysWhatIsExpected(LoraOptions lora, string message) =>
        Assert.AreEqual(message,
            Assert.ThrowsExactly<ArgumentException>(() => new SpeechTrainingOptions { Encoder = "folder", Lora = lora }
            .Validate()).Message);

    [TestMethod]
    public void Validate_AdapterBesidePartialFreezing_SaysWhatIsExpected()
    {
        var options = new SpeechTrainingOptions
        {
            Encoder = "folder",
            Lora = new LoraOptions { Rank = 4 },
            Freezing = LayerFreezing.Half
        };
        Assert.AreEqual(
            "Option Freezing: expected required-only or all, because Lora.Rank is 4 and adapters freeze all of the " +
            "encoder itself, got 'half'.",
            Assert.ThrowsExactly<ArgumentException>(options.Validate).Message);
    }

    [TestMethod]
    [DynamicData(nameof(WrongForEncoder))]
    public void Attach_OptionUnfitForEncoder_SaysWhatItHasAndLeavesIt(LoraOptions lora, string message)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(RepositoryFiles.TinyEncoder("whisper-80"), 2);
        Assert.AreEqual(message,
            Assert.ThrowsExactly<ArgumentException>(() => LoraAdapter.Attach(encoder, lora, 1)).Message);
        Assert.IsFalse(encoder.named_parameters().Any(p => LoraAdapter.IsAdapterParameter(p.name)));
    }

    [TestMethod]
    public void Attach_Twice_SaysThatThereIsOne()
    {
        using SpeechEncoder encoder = EncoderLoader.Load(RepositoryFiles.TinyEncoder("whisper-80"));
        LoraAdapter adapter = LoraAdapter.Attach(encoder, new LoraOptions { Rank = 1 }, 1);
        string message = Assert.ThrowsExactly<InvalidOperationException>(() =>
            LoraAdapter.Attach(encoder, new LoraOptions { Rank = 1 }, 1)).Message;
        Assert.AreEqual(
            "LoRA adapter: expected encoder 'whisper' without an adapter, got one on 'layers.0.self_attn.q_proj'; " +
            "merge or detach it before.", message);
        adapter.Detach();
        Assert.IsFalse(encoder.state_dict().Keys.Any(LoraAdapter.IsAdapterParameter));
    }
}
