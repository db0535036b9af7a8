using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Measures;

/// <summary>Acoustic measures as columns: names, units, options, model zips, statistics by subject.</summary>
[TestClass]
public sealed class VoiceMeasuringTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void MeasureVoice_HasNamesAndUnits_AndTheNumbersOfTheLibrary()
    {
        IDataView data = Clips();
        IDataView measured = _mlContext.Transforms.MeasureVoice("Voice", "Audio").Fit(data).Transform(data);
        DataViewSchema.Column column = measured.Schema["Voice"];
        Assert.AreEqual(VoiceMeasures.All.Count, ((VectorDataViewType)column.Type).Size);
        CollectionAssert.AreEqual(VoiceMeasures.All.Select(m => m.Name).ToArray(), Texts(column, "SlotNames"));
        CollectionAssert.AreEqual(VoiceMeasures.All.Select(m => m.Unit).ToArray(), Texts(column, "Units"));
        float[][] rows = [.. measured.GetColumn<float[]>("Voice")];
        MLAudio[] audio = [.. data.GetColumn<MLAudio>("Audio")];
        for (int i = 0; i < rows.Length; i++)
        {
            CollectionAssert.AreEqual(
                VoiceMeasures.Measure(audio[i]).Select(v => (float)v).ToArray(), rows[i], $"row {i}");
        }
        Assert.IsTrue(float.IsNaN(rows[2][Slot("jitter_local")]), "silence has no jitter");
        Assert.IsFalse(float.IsNaN(rows[0][Slot("jitter_local")]));
    }

    [TestMethod]
    public void MeasureVoice_SavedWithOptions_MeasuresTheSame()
    {
        IDataView data = Clips();
        var options = new VoiceMeasureOptions
        {
            Pitch = new PitchOptions { Floor = 60, Ceiling = 400 },
            Cpps = new CepstralPeakOptions { Line = CepstralLine.LeastSquares, LineTo = 0.05 },
        };
        float[][] plain = Values(_mlContext.Transforms.MeasureVoice("Voice", "Audio").Fit(data), data, "Voice");
        ITransformer model = _mlContext.Transforms.MeasureVoice("Voice", "Audio", options).Fit(data);
        float[][] direct = Values(model, data, "Voice");
        float[][] loaded = Values(SavedAndLoaded(model, data), data, "Voice");
        Assert.AreNotEqual(plain[0][Slot("cpps")], direct[0][Slot("cpps")]);
        for (int i = 0; i < direct.Length; i++)
        {
            CollectionAssert.AreEqual(direct[i], loaded[i]);
        }
    }

    [TestMethod]
    public void MeasureVoice_InATrainer_NamesItsFeatures()
    {
        var pipeline = _mlContext.Transforms.MeasureVoice("Features", "Audio")
            .Append(_mlContext.Transforms.ReplaceMissingValues("Features", replacementMode:
                Microsoft.ML.Transforms.MissingValueReplacingEstimator.ReplacementMode.Mean))
            .Append(_mlContext.Regression.Trainers.Sdca("Target"));
        IDataView data = Clips();
        ITransformer model = pipeline.Fit(data);
        Assert.HasCount(data.GetColumn<MLAudio>("Audio").Count(), model.Transform(data).GetColumn<float>("Score"));
    }

    [TestMethod]
    public void MeasureVoice_BadOption_NamesIt()
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Transforms.MeasureVoice(
            "Voice", "Audio", new VoiceMeasureOptions { Pitch = new PitchOptions { Floor = 700 } }));
        StringAssert.Contains(
            error.Message, "Option Pitch.Ceiling: expected a frequency above Floor, 700 Hz, got '600'");
    }

    [TestMethod]
    public void MeasureMfcc_IsMeansAndDeviations_SavedWithOptions()
    {
        IDataView data = Clips();
        ITransformer model = _mlContext.Transforms
            .MeasureMfcc("Mfcc", "Audio", new MfccOptions { Count = 5, Filters = 26 }).Fit(data);
        float[][] direct = Values(model, data, "Mfcc"), loaded = Values(SavedAndLoaded(model, data), data, "Mfcc");
        MfccContour mfcc = VoiceMeasures.Mfcc(
            data.GetColumn<MLAudio>("Audio").First(), new MfccOptions { Count = 5, Filters = 26 });
        CollectionAssert.AreEqual(
            mfcc.Means().Concat(mfcc.Deviations()).Select(v => (float)v).ToArray(), direct[0]);
        CollectionAssert.AreEqual(direct[0], loaded[0]);
        CollectionAssert.AreEqual(
            (string[])["mfcc01_mean", "mfcc02_mean"],
            Texts(model.Transform(data).Schema["Mfcc"], "SlotNames").Take(2).ToArray());
        Assert.AreEqual(26, ((VectorDataViewType)_mlContext.Transforms.MeasureMfcc("Mfcc", "Audio").Fit(data)
            .Transform(data).Schema["Mfcc"].Type).Size);
    }

    [TestMethod]
    public void NormalizeBySubject_UsesTheSubjectsOwnClips_AndKeepsWhatIsMissing()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable((MeasuredRow[])
        [
            new("a", [1, 5, float.NaN], 0), new("b", [10, 7, 3], 1), new("a", [3, 5, 2], 1), new("b", [30, 8, 5], 0),
            new("a", [5, 5, float.NaN], 1), new("c", [100, 1, 1], 0),
        ]);
        ITransformer model = _mlContext.Transforms.NormalizeBySubject("Own", "Values", "Subject").Fit(data);
        float half = (float)Math.Sqrt(0.5), nan = float.NaN;
        float[][] want = [[-1, 0, nan], [-half, -half, -half], [0, 0, nan], [half, half, half], [1, 0, nan],
            [nan, nan, nan]];
        foreach (ITransformer each in (ITransformer[])[model, SavedAndLoaded(model, data)])
        {
            float[][] got = Values(each, data, "Own");
            for (int i = 0; i < want.Length; i++)
            {
                for (int j = 0; j < 3; j++)
                {
                    Assert.AreEqual(want[i][j], got[i][j], 1e-6f, $"row {i}, slot {j}");
                }
            }
        }
        CollectionAssert.AreEqual((float[])[1, 5, float.NaN],
            model.Transform(data).GetColumn<float[]>("Values").First(), "the input stays");
    }

    [TestMethod]
    public void NormalizeBySubject_DoesNotReadLabels_AndFollowsShuffledRows()
    {
        MeasuredRow[] rows = [.. Enumerable.Range(0, 40).Select(i => new MeasuredRow($"s{i % 4}", [i, i * i, -i], i))];
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        ITransformer model = _mlContext.Transforms.NormalizeBySubject("Own", "Values", "Subject").Fit(data);
        var own = Enumerable.Range(0, 40).ToDictionary(i => (float)i, i => Values(model, data, "Own")[i]);
        IDataView shuffled = model.Transform(_mlContext.Data.ShuffleRows(_mlContext.Data.Cache(data), seed: 3));
        float[] labels = [.. shuffled.GetColumn<float>("Label")];
        float[][] values = [.. shuffled.GetColumn<float[]>("Own")];
        CollectionAssert.AreNotEqual(own.Keys.ToArray(), labels);
        for (int i = 0; i < labels.Length; i++)
        {
            CollectionAssert.AreEqual(own[labels[i]], values[i]);
        }
        IDataView blind = _mlContext.Data.LoadFromEnumerable(rows.Select(r => r with { Label = -1 }).ToList());
        CollectionAssert.AreEqual(own[7f], Values(model, blind, "Own")[7]);
    }

    [TestMethod]
    public void NormalizeBySubject_WrongColumnsAndSingleRows_AreRefused()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable((MeasuredRow[])[new("", [1, 2, 3], 0)]);
        ITransformer model = _mlContext.Transforms.NormalizeBySubject("Own", "Values", "Subject").Fit(data);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Values(model, data, "Own")).Message,
            "Subject column 'Subject', row 0: expected a subject, got an empty text");
        Assert.Throws<ArgumentException>(
            () => _mlContext.Transforms.NormalizeBySubject("Own", "Values", "Label").Fit(data));
        Assert.Throws<ArgumentException>(
            () => _mlContext.Transforms.NormalizeBySubject("Own", "Label", "Subject").Fit(data));
        StringAssert.Contains(Assert.Throws<InvalidOperationException>(
            () => model.GetRowToRowMapper(data.Schema)).Message, "expected a data view with all clips");
    }

    private static int Slot(string name) =>
        VoiceMeasures.All.Select((m, i) => (m.Name, i)).Single(p => p.Name == name).i;

    private static string[] Texts(DataViewSchema.Column column, string kind)
    {
        VBuffer<ReadOnlyMemory<char>> texts = default;
        column.Annotations.GetValue(kind, ref texts);
        return [.. texts.DenseValues().Select(t => t.ToString())];
    }

    private static float[][] Values(ITransformer model, IDataView data, string column) =>
        [.. model.Transform(data).GetColumn<float[]>(column)];

    private ITransformer SavedAndLoaded(ITransformer model, IDataView data)
    {
        using var stream = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        return _mlContext.Model.Load(stream, out _);
    }

    /// <summary>Two prompts and silence.</summary>
    private IDataView Clips()
    {
        MLAudio[] audio = [.. Prompts.Rows(2)
            .Select(r => MLAudio.FromFile(Path.Combine(RepositoryFiles.Prompts, $"{r.Path}.wav")))
            .Select(a => a.Truncate(TimeSpan.Zero, TimeSpan.FromSeconds(1)))];
        return _mlContext.Data.LoadFromEnumerable(
            audio.Append(MLAudio.FromSamples(new float[4000], 8000)).Select((a, i) => new AudioRow(a, i)).ToList());
    }

    private sealed record AudioRow(MLAudio Audio, float Target);

    private sealed record MeasuredRow(string Subject, [property: VectorType(3)] float[] Values, float Label);
}
