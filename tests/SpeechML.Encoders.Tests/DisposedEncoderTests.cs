using SpeechML.Audio.Common;
using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Adapters.Lora;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>A disposed encoder neither encodes nor is written; calls in flight end well.</summary>
[TestClass]
public sealed class DisposedEncoderTests
{
    private const string Message = "This speech encoder was disposed.";

    [TestMethod]
    [DataRow("hubert")]
    [DataRow("wavlm-pre-norm")]
    [DataRow("wav2vec2")]
    [DataRow("whisper")]
    public void Encoder_UsedAfterDispose_SaysThatItWasDisposed(string name)
    {
        using var scratch = new Scratch();
        using DisposeScope scope = NewDisposeScope();
        SpeechEncoder encoder = TinyEncoders.Create(name);
        float[][] clips = [TinyEncoders.Clip(2000, 1)];
        EncoderInput input = encoder.Prepare(clips);
        (Tensor hidden, long[] lengths) = encoder.Embed(input);
        var rules = new LoraRules { Rank = 1, Alpha = 1, Targets = NameSelector.Ends(["q_proj"]) };
        LoraAdapter adapter = LoraAdapter.Attach(encoder, rules, 1);
        adapter.Save(scratch.At("adapter"));
        encoder.Dispose();
        (string What, Action Use)[] uses =
        [
            ("Prepare", () => encoder.Prepare(clips)),
            ("Embed", () => encoder.Embed(input)),
            ("RunLayers", () => encoder.RunLayers(hidden, lengths)),
            ("Encode", () => encoder.Encode(input)),
            ("state_dict", () => encoder.state_dict()),
            ("Fill", () => EncoderLoader.Fill(encoder, _ => zeros(1))),
            ("EncoderFolder.Save", () => EncoderFolder.Save(encoder, scratch.At("encoder"))),
            ("EncoderFolder.Save, not merged", () => EncoderFolder.Save(encoder, scratch.At("encoder"), false)),
            ("LoraAdapter.Save", () => adapter.Save(scratch.At("again"))),
            ("LoraAdapter.Merge", adapter.Merge),
            ("LoraAdapter.Detach", adapter.Detach),
            ("LoraAdapter.Load", () => LoraAdapter.Load(encoder, scratch.At("adapter"))),
            ("LoraAdapter.Parameters", () => _ = adapter.Parameters),
        ];
        foreach ((string what, Action use) in uses)
        {
            Assert.StartsWith(Message, Assert.ThrowsExactly<ObjectDisposedException>(use, what).Message, what);
        }
        CollectionAssert.AreEqual(new[] { scratch.At("adapter") }, Directory.GetFileSystemEntries(scratch.Folder));
        encoder.Dispose();
    }

    [TestMethod]
    public void Save_TensorMissing_NamesItAndWritesNothing()
    {
        using var scratch = new Scratch();
        using SpeechEncoder encoder = TinyEncoders.Create("hubert");
        encoder.register_module("feature_projection", null!);
        string message = Assert.ThrowsExactly<InvalidOperationException>(
            () => EncoderFolder.Save(encoder, scratch.At("encoder"))).Message;
        Assert.AreEqual(
            "Encoder 'hubert' to write: expected the tensors that its configuration promises, got none of the name " +
            "'feature_projection.layer_norm.weight'. Nothing was written.", message);
        Assert.IsFalse(Directory.Exists(scratch.At("encoder")));
    }

    [TestMethod]
    public void Lifetime_UsedByManyThreads_FreesOnceAfterTheLastCall()
    {
        for (int round = 0; round < 200; round++)
        {
            int inside = 0, freed = 0, freedEarly = 0;
            var lifetime = new ModuleLifetime("thing", "Make another.", () =>
            {
                freed++;
                freedEarly += Volatile.Read(ref inside);
            });
            Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, k =>
            {
                if (k == 0)
                {
                    lifetime.Dispose();
                    return;
                }
                try
                {
                    for (int i = 0; i < 50; i++)
                    {
                        using ModuleLifetime.Use use = lifetime.Begin();
                        Interlocked.Increment(ref inside);
                        Thread.SpinWait(10);
                        Interlocked.Decrement(ref inside);
                    }
                }
                catch (ObjectDisposedException e)
                {
                    Assert.StartsWith("This thing was disposed. Make another.", e.Message);
                }
            });
            Assert.AreEqual(1, freed);
            Assert.AreEqual(0, freedEarly);
        }
    }
}
