using System.Collections;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Transforms;

/// <summary>
/// Sources that are not the same at each reading (a lazy shuffle, a queue, one that grows): every row gets its own
/// results, or an error says why not.
/// </summary>
[TestClass]
public sealed class SourceTests
{
    private const string Remedy =
        "The source gives other rows at each reading, or can be read only once: give LoadFromEnumerable a list " +
        "(ToList()).";

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Transform_LazyShuffle_EveryRowHasItsOwnAudio()
    {
        var source = new Counted(Shuffled(Clips(40)));
        IDataView data = Truncated(Truncated(_mlContext.Data.LoadFromEnumerable(source)));
        List<Result> rows = Read(data);
        AssertOwn(rows, 40);
        Assert.AreEqual(1, source.Readings, "one reading for two transforms");
        CollectionAssert.AreNotEqual(rows.ConvertAll(r => r.Name), Read(data).ConvertAll(r => r.Name), "shuffled anew");
    }

    [TestMethod]
    public void Transform_Queue_GivesAllRows() =>
        AssertOwn(Read(Truncated(_mlContext.Data.LoadFromEnumerable(new Queued(Clips(100))))), 100);

    [TestMethod]
    public void Transform_SourceThatGrows_GivesTheRowsOfItsReading()
    {
        IDataView data = Truncated(_mlContext.Data.LoadFromEnumerable(new Growing(Clips(20))));
        AssertOwn(Read(data), 11);
        AssertOwn(Read(data), 12);
    }

    [TestMethod]
    public void Transform_CursorSetAndIds_AreOfTheSameRows()
    {
        IDataView data = Truncated(_mlContext.Data.LoadFromEnumerable(Shuffled(Clips(30))));
        DataViewRowCursor[] cursors = data.GetRowCursorSet(data.Schema, 4);
        int rows = 0;
        foreach (DataViewRowCursor cursor in cursors)
        {
            using DataViewRowCursor own = cursor;
            ValueGetter<ReadOnlyMemory<char>> name = own.GetGetter<ReadOnlyMemory<char>>(data.Schema["Name"]);
            ValueGetter<MLAudio> audio = own.GetGetter<MLAudio>(data.Schema["Out"]);
            ValueGetter<DataViewRowId> id = own.GetIdGetter();
            for (; own.MoveNext(); rows++)
            {
                ReadOnlyMemory<char> text = default;
                MLAudio clip = null!;
                DataViewRowId number = default;
                name(ref text);
                audio(ref clip);
                id(ref number);
                Assert.AreEqual(text.ToString(), $"{clip.Samples.Span[0] * 100:F0}");
                Assert.AreEqual((ulong)own.Position, number.Low, "the row's own, however far the stream is ahead");
            }
        }
        Assert.AreEqual(30, rows);
    }

    [TestMethod]
    public void Transform_VectorColumn_IsEachConsumersOwn()
    {
        IDataView data = Truncated(_mlContext.Data.LoadFromEnumerable(Clips(5)));
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        ValueGetter<VBuffer<float>> one = cursor.GetGetter<VBuffer<float>>(data.Schema["Numbers"]),
            two = cursor.GetGetter<VBuffer<float>>(data.Schema["Numbers"]);
        VBuffer<float> first = default, second = default;
        Assert.IsTrue(cursor.MoveNext() && cursor.MoveNext());
        one(ref first);
        VBufferEditor.CreateFromBuffer(ref first).Values[0] = 99;
        two(ref second);
        CollectionAssert.AreEqual(new float[] { 1, 2 }, second.DenseValues().ToArray());
    }

    [TestMethod]
    public void Transform_ContextCancelledBefore_GoesOnAndDuring_Stops()
    {
        IDataView data = Truncated(_mlContext.Data.LoadFromEnumerable(Clips(200)));
        using (DataViewRowCursor cursor = data.GetRowCursor(data.Schema))
        {
            Assert.IsTrue(cursor.MoveNext());
            Cancel(_mlContext);
            Assert.ThrowsExactly<OperationCanceledException>(() =>
            {
                while (cursor.MoveNext())
                {
                }
            });
        }
        // As with the best model of an AutoML experiment, whose context was cancelled when its trial ended.
        AssertOwn(Read(data), 200);
    }

    [TestMethod]
    public void Cache_ShuffleRowsAndBootstrap_KeepTheAudio()
    {
        IDataView data = Truncated(_mlContext.Data.LoadFromEnumerable(Clips(30)));
        AssertOwn(Read(_mlContext.Data.Cache(data)), 30);
        AssertOwn(Read(_mlContext.Data.Cache(data, "Name", "Out")), 30);
        AssertOwn(Read(_mlContext.Data.ShuffleRows(data, seed: 3)), 30);
        AssertOwn(Read(Truncated(_mlContext.Data.ShuffleRows(data, seed: 3))), 30);
        AssertOwn(Read(_mlContext.Data.BootstrapSample(data, seed: 3)), null);
        IEstimator<ITransformer> chain = _mlContext.Transforms
            .TruncateAudio("Out", TimeSpan.FromSeconds(1), inputColumnName: "Audio")
            .AppendCacheCheckpoint(_mlContext)
            .Append(_mlContext.Transforms.TruncateAudio("Out", TimeSpan.FromSeconds(1)));
        AssertOwn(Read(chain.Fit(data).Transform(data)), 30);
    }

    [TestMethod]
    public void Save_TextAndBinary_LeaveTheAudioOutAndPreviewShowsIt()
    {
        using var scratch = new Scratch();
        IDataView data = Truncated(_mlContext.Data.LoadFromEnumerable(Clips(3)));
        using (FileStream file = File.Create(scratch.At("a.bin")))
        {
            _mlContext.Data.SaveAsBinary(data, file);
        }
        IDataView read = _mlContext.Data.LoadFromBinary(scratch.At("a.bin"));
        Assert.AreEqual("Name Numbers Number Number2", string.Join(' ', read.Schema.Select(c => c.Name)));
        using (FileStream file = File.Create(scratch.At("a.tsv")))
        {
            _mlContext.Data.SaveAsText(data, file);
        }
        Assert.AreEqual("1\t1\t2\t1\t1", File.ReadAllLines(scratch.At("a.tsv"))[^2]);
        Assert.HasCount(3, data.Preview().RowView);
    }

    [TestMethod]
    public void Split_SourceOfAnotherOrder_NamesRowAndValues()
    {
        Clip[] clips = [.. Clips(40)];
        IDataView steady = _mlContext.Data.LoadFromEnumerable(clips);
        SpeechDataSplit split = _mlContext.Speech().SplitBySubject(steady, "Name", "Name", new());
        Assert.HasCount(40, Read(split.Train).Concat(Read(split.Validation)).Concat(Read(split.Test)).ToList());
        IDataView reversing = _mlContext.Data.LoadFromEnumerable(new Alternating(clips));
        split = _mlContext.Speech().SplitBySubject(reversing, "Name", "Name", new());
        Assert.AreEqual(
            "Column 'Name', row 0: expected the same value at each reading of the data, got '0' on the first and " +
            $"'39' on the second. {Remedy}",
            Assert.ThrowsExactly<InvalidOperationException>(() => Read(split.Train)).Message);
        IDataView queue = _mlContext.Data.LoadFromEnumerable(new Queued(clips));
        TrainTest(_mlContext.Speech().KFoldBySubject(queue, "Name", 4)[0].TrainSet,
            $"Column 'Name': expected the same rows at each reading of the data, got 40 on the first and 0 on the " +
            $"second. {Remedy}");
        TrainTest(
            _mlContext.Speech().LeaveOneSubjectOut(_mlContext.Data.LoadFromEnumerable(new Growing(clips)), "Name")[0]
                .Train,
            $"Column 'Name': expected the same rows at each reading of the data, got 11 on the first and more on the " +
            $"second. {Remedy}");

        void TrainTest(IDataView part, string message) => Assert.AreEqual(
            message, Assert.ThrowsExactly<InvalidOperationException>(() => Read(part)).Message);
    }

    [TestMethod]
    public void Evaluate_LazyShuffle_ReadsScoresAndLabelsTogether()
    {
        // Labels equal the scores: any other pairing has errors.
        Clip[] clips = [.. Clips(60)];
        var source = new Counted(Shuffled(clips));
        IDataView data = _mlContext.Data.LoadFromEnumerable(source);
        Assert.AreEqual(0.0, _mlContext.Speech().Regression.Evaluate(data, "Number", "Number2").Mae);
        Assert.AreEqual(1, source.Readings);
        var options = new SpeechEvaluationOptions
        {
            LabelColumnName = "Number",
            ScoreColumnName = "Number2",
            SubjectColumnName = "Name",
        };
        options.Bootstrap.Resamples = 20;
        SpeechIntervals intervals = _mlContext.Speech().Regression.EvaluateIntervals(data, options);
        Assert.AreEqual(0.0, intervals[SpeechMetrics.Mae].Estimate.Value);
        Assert.AreEqual(2, source.Readings);
        foreach (MappedPair pair in _mlContext.Data.CreateEnumerable<MappedPair>(
            _mlContext.Speech().Regression.Combine(data, "Name", SubjectCombination.Mean, "Number", "Number2"), false))
        {
            Assert.AreEqual(pair.Number, pair.Number2);
        }
        Assert.AreEqual(3, source.Readings);
    }

    /// <summary>As AutoML cancels the context of a trial; the method is not public.</summary>
    private static void Cancel(MLContext mlContext) => typeof(MLContext)
        .GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!
        .Invoke(mlContext, null);

    private IDataView Truncated(IDataView data) =>
        _mlContext.Transforms.TruncateAudio(
            "Out", TimeSpan.FromSeconds(1),
            inputColumnName: data.Schema.GetColumnOrNull("Out") is null ? "Audio" : "Out").Fit(data).Transform(data);

    private List<Result> Read(IDataView data)
    {
        if (data.Schema.GetColumnOrNull("Out") is null)
        {
            data = Truncated(data);
        }
        return [.. _mlContext.Data.CreateEnumerable<Result>(data, reuseRowObject: false)];
    }

    private static void AssertOwn(List<Result> rows, int? count)
    {
        foreach (Result row in rows)
        {
            Assert.AreEqual(row.Name, $"{row.Out!.Samples.Span[0] * 100:F0}");
        }
        if (count is { } expected)
        {
            Assert.HasCount(expected, rows.Select(r => r.Name).Distinct().ToList());
        }
    }

    private static IEnumerable<Clip> Clips(int count) => [.. Enumerable.Range(0, count).Select(i => new Clip
    {
        Name = $"{i}",
        Audio = MLAudio.FromSamples([i / 100f, 0.5f], 100),
        Numbers = [i, i + 1],
        Number = i,
        Number2 = i,
    })];

    private static IEnumerable<Clip> Shuffled(IEnumerable<Clip> clips)
    {
        var random = new Random(5);
        return clips.OrderBy(_ => random.Next());
    }

    private sealed class Clip
    {
        public string Name { get; set; } = "";

        public MLAudio? Audio { get; set; }

        [VectorType(2)]
        public float[] Numbers { get; set; } = [];

        public float Number { get; set; }

        public float Number2 { get; set; }
    }

    private sealed class Result
    {
        public string Name { get; set; } = "";

        public MLAudio? Out { get; set; }
    }

    private sealed class MappedPair
    {
        public float Number { get; set; }

        public float Number2 { get; set; }
    }

    private abstract class Source(IEnumerable<Clip> clips) : IEnumerable<Clip>
    {
        protected IEnumerable<Clip> Clips { get; } = clips;

        public int Readings { get; private set; }

        public IEnumerator<Clip> GetEnumerator()
        {
            Readings++;
            return Enumerate().GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        protected abstract IEnumerable<Clip> Enumerate();
    }

    private sealed class Counted(IEnumerable<Clip> clips) : Source(clips)
    {
        protected override IEnumerable<Clip> Enumerate() => Clips;
    }

    private sealed class Queued(IEnumerable<Clip> clips) : Source(clips)
    {
        private readonly Queue<Clip> _queue = new(clips);

        protected override IEnumerable<Clip> Enumerate()
        {
            while (_queue.TryDequeue(out Clip? clip))
            {
                yield return clip;
            }
        }
    }

    /// <summary>One more than ten at the first reading, and so on.</summary>
    private sealed class Growing(IEnumerable<Clip> clips) : Source(clips)
    {
        protected override IEnumerable<Clip> Enumerate() => Clips.Take(10 + Readings);
    }

    /// <summary>Backwards at every second reading.</summary>
    private sealed class Alternating(IEnumerable<Clip> clips) : Source(clips)
    {
        protected override IEnumerable<Clip> Enumerate() => Readings % 2 == 1 ? Clips : Clips.Reverse();
    }
}
