using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>
/// Encoder folders with single fields changed load or are refused: no other exception, no hang, no more memory than
/// their bytes justify. The cases follow from the seed.
/// </summary>
[TestClass]
public sealed class EncoderFolderFuzzTests
{
    private const int Seed = 20261130;

    // Every family, and every form of one.
    private static readonly string[] s_encoders = [.. TinyEncoders.Names().Select(n => (string)n[0])];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Load_MutatedFields_LoadsOrIsRefused() => Run(400);

    [TestMethod]
    [TestCategory("Slow")]
    public void Load_ManyMutatedFields_LoadsOrIsRefused() => Run(2_000 * s_encoders.Length);

    private void Run(int count)
    {
        var bounded = new BoundedLoad(typeof(CheckpointException));
        Sources[] sources = [.. s_encoders.Select(Read)];
        using var scratch = new Scratch();
        for (int i = 0; i < count; i++)
        {
            var random = new Random(Seed + i);
            Sources source = sources[i % sources.Length];
            var mutator = new FieldMutator(random);
            string config = source.Config, preprocessor = source.Preprocessor;
            byte[] weights = source.Weights;
            switch (random.Next(10))
            {
                case < 6:
                    config = mutator.Json(config);
                    break;
                case < 7:
                    preprocessor = mutator.Json(preprocessor);
                    break;
                default:
                    weights = mutator.Safetensors(weights);
                    break;
            }
            File.WriteAllText(scratch.At("config.json"), config);
            File.WriteAllText(scratch.At("preprocessor_config.json"), preprocessor);
            File.WriteAllBytes(scratch.At("model.safetensors"), weights);
            int? layers = random.Next(4) == 0 ? 1 : null;
            bounded.Run(config.Length + preprocessor.Length + weights.Length, $"case {i}, {source.Name}: {config}",
                () =>
                {
                    using SpeechEncoder encoder = EncoderLoader.Load(scratch.Folder, layers);
                    Assert.IsGreaterThan(0, encoder.Config.Hop);
                    Assert.IsGreaterThan(0L, encoder.Config.MinSamples);
                });
        }
        TestContext.WriteLine($"{count} folders: {bounded.Summary}");
        bounded.AssertNoFaults();
        // Where nothing loads, nothing was changed by field alone.
        Assert.IsGreaterThan(count / 50, bounded.Loaded);
    }

    private static Sources Read(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        string folder = TinyEncoders.WriteFolder(encoder, TinyEncoders.Config(name));
        try
        {
            return new Sources(
                name, File.ReadAllText(Path.Combine(folder, "config.json")),
                File.ReadAllBytes(Path.Combine(folder, "model.safetensors")),
                EncoderFamily.Preprocessor(encoder).ToJsonString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed record Sources(string Name, string Config, byte[] Weights, string Preprocessor);
}
