using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Transforms;

/// <summary>Where a saved model looks for recordings, and that its zip names no folder of the machine.</summary>
[TestClass]
public sealed class AudioFolderTests : IDisposable
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly Scratch _scratch = new();

    [TestInitialize]
    public void WriteClip() => File.WriteAllBytes(
        _scratch.At("clip.wav"), WavBytes.Pcm16([.. Enumerable.Range(0, 4000).Select(i => (short)(i % 999))], 1, 8000));

    public void Dispose() => _scratch.Dispose();

    [TestMethod]
    public void Save_AbsoluteFolders_AreNotInTheZip()
    {
        string zip = Saved(_scratch.Folder, new AudioLoadingOptions());
        using ZipArchive archive = ZipFile.OpenRead(zip);
        Assert.IsNotEmpty(archive.Entries);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using var bytes = new MemoryStream();
            using (Stream stream = entry.Open())
            {
                stream.CopyTo(bytes);
            }
            Assert.DoesNotContain(Path.GetFileName(_scratch.Folder), Encoding.Latin1.GetString(bytes.ToArray()),
                entry.FullName);
        }
    }

    [TestMethod]
    public void Load_AbsoluteFolderWasLeftOut_FullPathsAndAGivenFolderWork()
    {
        ITransformer loaded = _mlContext.Model.Load(Saved(_scratch.Folder, new AudioLoadingOptions()), out _);
        Assert.AreEqual(16_000, Rate(loaded, _scratch.At("clip.wav")));
        AudioException error = Assert.Throws<AudioException>(() => Rate(loaded, "clip.wav"));
        Assert.AreEqual(AudioErrorKind.NotFound, error.Kind);
        StringAssert.EndsWith(error.Message, "The model was saved without the folder of the machine that trained it: " +
            "say where the recordings are by mlContext.Speech().WithAudioFolder(model, folder), or give full paths.");
        ITransformer there = _mlContext.Speech().WithAudioFolder(loaded, _scratch.Folder);
        Assert.AreEqual(16_000, Rate(there, "clip"));
        Assert.AreEqual(loaded.GetOutputSchema(Rows("clip").Schema).ToString(),
            there.GetOutputSchema(Rows("clip").Schema).ToString());
        // Saved again, it has no folder either, and says so.
        string again = _scratch.At("again.zip");
        _mlContext.Model.Save(there, null, again);
        StringAssert.Contains(Assert.Throws<AudioException>(
            () => Rate(_mlContext.Model.Load(again, out _), "clip")).Message, "WithAudioFolder");
    }

    [TestMethod]
    public void Load_RelativeFolder_IsThatOfTheCurrentDirectory()
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, _scratch.Folder);
        Assert.IsFalse(Path.IsPathRooted(relative));
        Assert.AreEqual(
            16_000, Rate(_mlContext.Model.Load(Saved(relative, new AudioLoadingOptions()), out _), "clip.wav"));
    }

    [TestMethod]
    public void Load_FolderThatWasAskedFor_IsThere() => Assert.AreEqual(16_000, Rate(
        _mlContext.Model.Load(Saved(_scratch.Folder, new AudioLoadingOptions { SaveFolder = true }), out _), "clip"));

    [TestMethod]
    public void Load_RelativeFolderThatIsNotThere_SaysNothingOfALeftOutFolder()
    {
        ITransformer loaded = _mlContext.Model.Load(Saved("no/such/folder", new AudioLoadingOptions()), out _);
        string message = Assert.Throws<AudioException>(() => Rate(loaded, "clip")).Message;
        StringAssert.Contains(message, "in folder 'no/such/folder' (which does not exist)");
        Assert.DoesNotContain("WithAudioFolder", message);
    }

    [TestMethod]
    public void WithAudioFolder_ModelWithoutLoadAudio_SaysSo()
    {
        ITransformer model = _mlContext.Transforms.CopyColumns("B", "Path").Fit(Rows("clip"));
        StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentException>(
            () => _mlContext.Speech().WithAudioFolder(model, "x")).Message, "Model: expected a chain with LoadAudio");
    }

    private string Saved(string folder, AudioLoadingOptions options)
    {
        string zip = _scratch.At("model.zip");
        Directory.CreateDirectory(_scratch.At("noises"));
        File.Copy(_scratch.At("clip.wav"), _scratch.At("noises/noise.wav"), overwrite: true);
        // A chain in a chain, as pipelines often are.
        var inner = new EstimatorChain<ITransformer>()
            .Append(_mlContext.Transforms.LoadAudio("Audio", folder, "Path", options));
        ITransformer model = inner
            .Append(_mlContext.Transforms.AugmentAudio("Audio", new AddBackgroundNoise(_scratch.At("noises")), seed: 1))
            .Append(_mlContext.Transforms.ResampleAudio("Audio", 16_000)).Fit(Rows(_scratch.At("clip.wav")));
        _mlContext.Model.Save(model, null, zip);
        return zip;
    }

    private IDataView Rows(string path) => _mlContext.Data.LoadFromEnumerable([new Row { Path = path }]);

    private int Rate(ITransformer model, string path)
    {
        IDataView scored = model.Transform(Rows(path));
        return scored.GetColumn<MLAudio>(scored.Schema["Audio"]).Single().SampleRate;
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";
    }
}
