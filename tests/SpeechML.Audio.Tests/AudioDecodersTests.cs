using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>Decoders that a program registers for formats of its own.</summary>
[TestClass]
[DoNotParallelize] // they are registered for the whole process
public sealed class AudioDecodersTests
{
    private static readonly byte[] s_file = [.. "MINE"u8, 1, 2, 3, 4];

    [TestCleanup]
    public void Unregister() => AudioDecoders.Unregister("mine");

    [TestMethod]
    public void Read_RegisteredFormat_IsDecodedFromFileAndStream()
    {
        var decoder = new Mine();
        AudioDecoders.Register(decoder);
        using var scratch = new Scratch();
        string path = scratch.At("clip.mine");
        File.WriteAllBytes(path, s_file);
        Assert.AreEqual(800, AudioFile.Read(path).Frames);
        Assert.AreEqual((path, path), (decoder.Inputs[^1].Name, decoder.Inputs[^1].Path));
        Assert.AreEqual(800, MLAudio.FromBytes(s_file, "upload").Length);
        Assert.AreEqual(("upload", null), (decoder.Inputs[^1].Name, decoder.Inputs[^1].Path));
        Assert.AreEqual(TimeSpan.FromHours(1), decoder.Inputs[^1].MaxDuration);
        Assert.AreEqual(path, AudioPath.Resolve(scratch.Folder, "clip"));
        Assert.IsTrue(decoder.Outputs.TrueForAll(o => !o.CanRead), "What was decoded is disposed of.");
        // A file that is open can be deleted nowhere but on Unix: the decoder's input is closed again.
        File.Move(path, scratch.At("moved.mine"));
    }

    [TestMethod]
    public void Read_CutFileOfADecoder_SaysSo()
    {
        AudioDecoders.Register(new Mine { IsCut = true });
        Assert.IsTrue(AudioFile.Read(new MemoryStream(s_file), "clip").Truncated);
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            MLAudio.FromBytes(s_file, "clip", new AudioLoadingOptions()));
        Assert.AreEqual(AudioErrorKind.Truncated, error.Kind);
        StringAssert.StartsWith(error.Message, "'clip': expected a whole recording, got 800 samples (0.100 s) ");
    }

    /// <summary>What is decoded here is not asked for, nor is what is damaged.</summary>
    [TestMethod]
    public void Read_FormatThatIsDecodedHere_StaysHere()
    {
        var decoder = new Mine { TakesAll = true };
        AudioDecoders.Register(decoder);
        byte[] wav = WavBytes.Pcm16(new short[10], 1, 8000);
        Assert.AreEqual(10, MLAudio.FromBytes(wav).Length);
        Assert.ThrowsExactly<AudioException>(() => MLAudio.FromBytes(wav.AsSpan(0, 30)));
        Assert.ThrowsExactly<AudioException>(() => MLAudio.FromBytes([]));
        Assert.IsEmpty(decoder.Inputs);
        MLAudio.FromBytes(WavBytes.File(0x1234, 1, 8000, 16, 2, [], new byte[8])); // a coding that is not known here
        Assert.HasCount(1, decoder.Inputs);
    }

    [TestMethod]
    public void Register_SameName_Replaces()
    {
        Mine first = new(), second = new();
        AudioDecoders.Register(first);
        AudioDecoders.Register(second);
        MLAudio.FromBytes(s_file);
        Assert.IsEmpty(first.Inputs);
        Assert.HasCount(1, second.Inputs);
        Assert.IsTrue(AudioDecoders.Unregister("mine"));
        Assert.IsFalse(AudioDecoders.Unregister("mine"));
        Assert.AreEqual(AudioErrorKind.NotAudio,
            Assert.ThrowsExactly<AudioException>(() => MLAudio.FromBytes(s_file)).Kind);
    }

    [TestMethod]
    public void Register_BadNames_SaySo()
    {
        Assert.AreEqual("Audio decoder: expected a name, got an empty one. (Parameter 'decoder')",
            Assert.ThrowsExactly<ArgumentException>(() => AudioDecoders.Register(new Mine { Name = " " })).Message);
        Assert.AreEqual(
            "Audio decoder 'mine': expected extensions that begin with a dot, as '.m4a', got 'mine'. (Parameter " +
            "'decoder')", Assert.ThrowsExactly<ArgumentException>(() => AudioDecoders.Register(
                new Mine { Extensions = ["mine"] })).Message);
        Assert.DoesNotContain("mine", AudioDecoders.Names);
    }

    [TestMethod]
    public void Register_ManyThreads_LosesNone()
    {
        string[] names = [.. Enumerable.Range(0, 64).Select(i => $"mine{i}")];
        Parallel.ForEach(names, name => AudioDecoders.Register(new Mine { Name = name, Extensions = [] }));
        string[] registered = [.. AudioDecoders.Names];
        Parallel.ForEach(names, name => AudioDecoders.Unregister(name));
        CollectionAssert.IsSubsetOf(names, registered);
        Assert.IsFalse(AudioDecoders.Names.Any(names.Contains));
    }

    private sealed class Mine : IAudioDecoder
    {
        public string Name { get; init; } = "mine";

        public IReadOnlyList<string> Extensions { get; init; } = [".mine"];

        public bool IsCut { get; init; }

        public bool TakesAll { get; init; }

        public List<AudioDecoderInput> Inputs { get; } = [];

        public List<Stream> Outputs { get; } = [];

        public bool Recognizes(ReadOnlySpan<byte> start) => TakesAll || start.StartsWith("MINE"u8);

        public AudioDecoderOutput Decode(AudioDecoderInput input)
        {
            Assert.AreEqual(0, input.Content.Position);
            Inputs.Add(input);
            Outputs.Add(new MemoryStream(WavBytes.Pcm16([.. Enumerable.Range(0, 800).Select(i => (short)i)], 1, 8000)));
            return new AudioDecoderOutput(Outputs[^1], IsCut);
        }
    }
}
