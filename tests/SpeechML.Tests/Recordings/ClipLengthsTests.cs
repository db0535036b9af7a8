using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.AudioColumns;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Recordings;

/// <summary>Lengths of a column's clips, of which files that say theirs are not decoded.</summary>
[TestClass]
public sealed class ClipLengthsTests : IDisposable
{
    private const int Rate = 16_000;

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [TestMethod]
    public void Of_FilesThatCannotBeDecoded_IsWhatTheirHeadersSay()
    {
        // NaN is found by decoding only.
        IDataView data = View(Damaged("a.wav", 800), Damaged("b.wav", 1600));
        IDataView audio = Transform(data, _mlContext.Transforms.ResampleAudio("Audio", 8000)
            .Append(_mlContext.Transforms.NormalizeAudio("Audio")));
        Assert.ThrowsExactly<AudioException>(() => audio.GetColumn<MLAudio>("Audio").Count());
        CollectionAssert.AreEqual(new[] { 0.05, 0.1 }, ClipLengths.Of(audio, "Audio").ToArray());
        // Through what ML.NET puts behind it.
        IDataView behind = _mlContext.Data.FilterRowsByColumn(_mlContext.Data.ShuffleRows(_mlContext.Data.Cache(
            _mlContext.Transforms.CopyColumns("Number", "Length").Fit(audio).Transform(audio), "Path", "Length")),
            "Length", lowerBound: 1000);
        Assert.IsNotNull(behind.Schema.GetColumnOrNull("Number"));
        CollectionAssert.AreEqual(new[] { 0.1 }, ClipLengths.Of(behind, "Audio").ToArray());
    }

    [TestMethod]
    public void Of_LengthThatTheHeaderDoesNotSay_IsThatOfTheClip()
    {
        IDataView data = View(Good("a.wav", 8000, 1600), Good("b.wav", 4000, 0));
        IDataView loaded = Transform(data);
        CollectionAssert.AreEqual(new[] { 0.5, 0.25 }, ClipLengths.Of(loaded, "Audio").ToArray());
        IDataView trimmed = Transform(data, _mlContext.Transforms.TruncateAudio("Audio", TimeSpan.FromSeconds(0.3)));
        CollectionAssert.AreEqual(new[] { 0.3, 0.25 }, ClipLengths.Of(trimmed, "Audio").ToArray());
        IDataView dropped = _mlContext.Transforms.DropColumns("Path").Fit(loaded).Transform(loaded);
        CollectionAssert.AreEqual(new[] { 0.5, 0.25 }, ClipLengths.Of(dropped, "Audio").ToArray());
        // The column no longer names the files.
        IDataView renamed = _mlContext.Transforms.CopyColumns("Path", "Other").Fit(loaded).Transform(loaded);
        CollectionAssert.AreEqual(new[] { 0.5, 0.25 }, ClipLengths.Of(renamed, "Audio").ToArray());
        IDataView memory = _mlContext.Data.LoadFromEnumerable(loaded.GetColumn<MLAudio>("Audio")
            .Select(a => new Held { Audio = a }));
        CollectionAssert.AreEqual(new[] { 0.5, 0.25 }, ClipLengths.Of(memory, "Audio").ToArray());
    }

    [TestMethod]
    public void Of_AugmentedColumn_IsWithoutAugmentationAndTakesNoEpoch()
    {
        IDataView data = View(Good("a.wav", 8000, 0), Good("b.wav", 4000, 0));
        IDataView Augmented() => _mlContext.Transforms.AugmentAudio("Audio", new Gain(-6, 6, 1), 1)
            .Fit(Transform(data)).TransformForTraining(Transform(data));
        IDataView view = Augmented();
        CollectionAssert.AreEqual(new[] { 0.5, 0.25 }, ClipLengths.Of(view, "Audio").ToArray());
        CollectionAssert.AreEqual(Augmented().GetColumn<MLAudio>("Audio").First().Samples.ToArray(),
            view.GetColumn<MLAudio>("Audio").First().Samples.ToArray());
    }

    private IDataView View(params string[] paths) => _mlContext.Data.LoadFromEnumerable(paths.Select((p, i) => new Row
    {
        Path = p,
        Length = (i + 1) * 800,
        Other = "none",
    }).ToList());

    private IDataView Transform(IDataView data, IEstimator<ITransformer>? rest = null)
    {
        IDataView loaded = _mlContext.Transforms.LoadAudio("Audio", _scratch.Folder, "Path").Fit(data).Transform(data);
        return rest is null ? loaded : rest.Fit(loaded).Transform(loaded);
    }

    private string Good(string name, int samples, int silent)
    {
        MLAudio.FromSamples([.. Enumerable.Range(0, samples).Select(i => i < samples - silent
            ? 0.3f * MathF.Sin(i * 0.3f) : 0)], Rate).WriteWav(_scratch.At(name));
        return name;
    }

    private string Damaged(string name, int samples)
    {
        MLAudio.FromSamples([.. Enumerable.Range(0, samples).Select(i => 0.3f * MathF.Sin(i * 0.3f))], Rate)
            .WriteWav(_scratch.At(name), WavEncoding.FloatingPoint);
        byte[] bytes = File.ReadAllBytes(_scratch.At(name));
        BitConverter.GetBytes(float.NaN).CopyTo(bytes, bytes.Length - 4);
        File.WriteAllBytes(_scratch.At(name), bytes);
        return name;
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Other { get; set; } = "";

        public float Length { get; set; }
    }

    private sealed class Held
    {
        public MLAudio Audio { get; set; } = null!;
    }
}
