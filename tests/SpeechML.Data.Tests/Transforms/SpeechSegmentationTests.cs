using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Transforms;

/// <summary>Segments of speech: real clips that are joined are found again.</summary>
[TestClass]
public sealed class SpeechSegmentationTests
{
    private const int Rate = 16_000;

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.001)]
    public void SegmentSpeech_RealClipsJoinedByPauses_FindsTheJoints(double noise)
    {
        float[][] clips = [.. Prompts.Rows(4).Select(Clip)];
        var joined = new List<float>();
        var spoken = new List<(double Start, double End)>();
        foreach (float[] clip in clips)
        {
            joined.AddRange(new float[Rate]);
            spoken.Add((Seconds(joined.Count), Seconds(joined.Count + clip.Length)));
            joined.AddRange(clip);
        }
        joined.AddRange(new float[Rate]);
        var random = new Random(1);
        float[] recording = [.. joined.Select(s => s + (float)((random.NextDouble() - 0.5) * noise))];

        // Pauses within a clip are shorter than those between.
        Segment[] found = Segments([recording], new SpeechSegmentOptions { MinPause = 0.7, MaxLength = 100 });
        Assert.HasCount(clips.Length, found);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.AreEqual(spoken[i].Start, found[i].Start, 0.15, $"start of clip {i}");
            Assert.AreEqual(spoken[i].End, found[i].End, 0.15, $"end of clip {i}");
            int from = (int)Math.Round(found[i].Start * Rate);
            CollectionAssert.AreEqual(
                recording.AsSpan(from, found[i].Audio.Length).ToArray(), found[i].Audio.Samples.ToArray());
        }
    }

    [TestMethod]
    public void SegmentSpeech_LongSpeech_IsCutWhereItIsQuietest()
    {
        float[] clip = Clip(Prompts.Rows(1)[0]);
        float[] speech = [.. Enumerable.Range(0, 6).SelectMany(_ => clip)];
        Segment[] found =
            Segments([speech], new SpeechSegmentOptions { MinPause = 5, MaxLength = 2, Padding = 0 });
        Assert.IsTrue(found.All(s => s.End - s.Start <= 2));
        for (int i = 1; i < found.Length; i++)
        {
            Assert.AreEqual(found[i - 1].End, found[i].Start, "nothing is lost at a cut");
        }
        Assert.IsGreaterThan(Seconds(speech.Length) - 1, found[^1].End - found[0].Start);
    }

    [TestMethod]
    public void SegmentSpeech_SilenceSteadyNoiseAndClicks_HaveNone()
    {
        var random = new Random(2);
        float[] noise = [.. Enumerable.Range(0, Rate).Select(_ => (float)random.NextDouble() - 0.5f)];
        float[] click = new float[Rate];
        click[8000] = 1;
        Assert.HasCount(0, Segments([new float[Rate], noise, click, [0.5f]], new SpeechSegmentOptions()));
    }

    [TestMethod]
    public void SegmentSpeech_SavedAndLoaded_GivesTheSameRowsWithTheirColumns()
    {
        float[] recording = [.. new float[Rate], .. Clip(Prompts.Rows(1)[0]), .. new float[Rate]];
        IDataView data = View([recording, new float[100], recording]);
        SpeechSegmentationEstimator estimator = _mlContext.Transforms.SegmentSpeech(
            "Part", new SpeechSegmentOptions { MaxLength = double.PositiveInfinity, MinPause = 2 }, "Audio");
        using var scratch = new Scratch();
        using (FileStream zip = File.Create(scratch.At("model.zip")))
        {
            _mlContext.Model.Save(estimator.Fit(data), data.Schema, zip);
        }
        ITransformer loaded = _mlContext.Model.Load(scratch.At("model.zip"), out _);
        Assert.IsFalse(loaded.IsRowToRowMapper);
        IDataView segments = loaded.Transform(data);
        CollectionAssert.AreEqual(new[] { 0f, 2f }, segments.GetColumn<float>("Number").ToArray());
        CollectionAssert.AreEqual(
            estimator.Fit(data).Transform(data).GetColumn<float>("Start").ToArray(),
            segments.GetColumn<float>("Start").ToArray());
        Assert.AreEqual(recording.Length, segments.GetColumn<MLAudio>("Audio").First().Length, "the recording");
        Assert.IsLessThan(recording.Length, segments.GetColumn<MLAudio>("Part").First().Length);
        using DataViewRowCursor cursor = segments.GetRowCursor(segments.Schema);
        ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
        var ids = new HashSet<DataViewRowId>();
        DataViewRowId value = default;
        for (; cursor.MoveNext(); _ = ids.Add(value))
        {
            id(ref value);
        }
        Assert.HasCount(2, ids);
    }

    [TestMethod]
    public void SegmentSpeech_WrongOptionsOrColumns_SaysWhatIsExpected()
    {
        Assert.AreEqual(
            "Option MaxLength: expected more than MinLength and twice Padding, 1.3 s, got '1'.",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Transforms.SegmentSpeech(
                "Audio", new SpeechSegmentOptions { MaxLength = 1, MinLength = 1.1 })).Message);
        Assert.AreEqual(
            "SegmentSpeech: expected other names for the columns of audio, start and end, got 'Audio', 'Audio', 'End'.",
            Assert.ThrowsExactly<ArgumentException>(
                () => _mlContext.Transforms.SegmentSpeech("Audio", startColumnName: "Audio")).Message);
        IDataView data = View([new float[100]]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _mlContext.Transforms.SegmentSpeech("Number").Fit(data));
    }

    private static double Seconds(int samples) => (double)samples / Rate;

    private static float[] Clip(PromptRow row)
    {
        MLAudio audio = MLAudio.FromFile(Path.Combine(RepositoryFiles.Prompts, row.Path + ".wav"), Rate);
        return audio.TrimSilence(new SilenceTrimmingOptions { TopDb = 30 }).Samples.ToArray();
    }

    private Segment[] Segments(float[][] recordings, SpeechSegmentOptions options)
    {
        IDataView data = View(recordings);
        IDataView segments = _mlContext.Transforms.SegmentSpeech("Audio", options).Fit(data).Transform(data);
        return [.. segments.GetColumn<MLAudio>("Audio").Zip(
            segments.GetColumn<float>("Start"), segments.GetColumn<float>("End"))
            .Select(s => new Segment(s.First, s.Second, s.Third))];
    }

    private IDataView View(float[][] recordings) => _mlContext.Data.LoadFromEnumerable(
        recordings.Select((r, i) => new Recording { Audio = MLAudio.FromSamples(r, Rate), Number = i }).ToList());

    private sealed record Segment(MLAudio Audio, float Start, float End);

    private sealed class Recording
    {
        public MLAudio? Audio { get; set; }

        public float Number { get; set; }
    }
}
