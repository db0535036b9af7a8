using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Tests.DataViews;

/// <summary>The row of a prediction engine: computed once, and by one thread at a time.</summary>
[TestClass]
public sealed class EngineRowTests : IDisposable
{
    private const string Message = "Prediction engine: expected one thread at a time, got several, which would get " +
        "each other's scores. Create one engine for each thread, with new PredictionEngineOptions " +
        "{ OwnsTransformer = false }, or lock around Predict.";

    private readonly Row _input = new();
    private int _computed;

    public void Dispose() => _input.Dispose();

    [TestMethod]
    public void Read_SeveralColumns_ComputesOncePerRow()
    {
        EngineRow<string, string> row = Create(text => text + "!");
        _input.Set("a");
        Assert.AreEqual("a!", row.Read());
        Assert.AreEqual("a!", row.Read());
        Assert.AreEqual(1, _computed);
        _input.Set("b");
        Assert.AreEqual("b!", row.Read());
    }

    [TestMethod]
    public void Read_WhileAnotherThreadReads_BothThrow()
    {
        using var inside = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        EngineRow<string, string> row = Create(text =>
        {
            inside.Set();
            go.Wait();
            return text;
        });
        _input.Set("a");
        Task<string> first = Task.Run(row.Read);
        inside.Wait();
        AssertShared(() => row.Read());
        go.Set();
        AssertShared(() => first.GetAwaiter().GetResult());
        // Nothing stays behind.
        _input.Set("c");
        Assert.AreEqual("c", row.Read());
    }

    [TestMethod]
    public void Read_RowReplacedMeanwhile_Throws()
    {
        EngineRow<string, string> row = Create(text =>
        {
            if (text == "a")
            {
                _input.Set("b");
            }
            return text;
        });
        _input.Set("a");
        AssertShared(() => row.Read());
        _input.Set("c");
        Assert.AreEqual("c", row.Read());
    }

    [TestMethod]
    public void Read_RowThatAnotherThreadHasRead_Throws()
    {
        // Both put their rows in, then the first reads what is the second's.
        EngineRow<string, string> row = Create(text => text);
        _input.Set("a");
        _input.Set("b");
        Assert.AreEqual("b", OnAnotherThread(row.Read));
        AssertShared(() => row.Read());
    }

    [TestMethod]
    public void Read_RowThatNeverCame_IsOneOfAFailedPrediction()
    {
        EngineRow<string, string> row = Create(text => text);
        _input.Set("a");
        Assert.AreEqual("a", row.Read());
        _input.Set("its other column failed");
        _input.Set("c");
        Assert.AreEqual("c", row.Read());
    }

    [TestMethod]
    public void Read_RowOfASecondThreadThatComesALittleLater_BothThrow()
    {
        EngineRow<string, string> row = Create(text => text);
        bool Told()
        {
            _input.Set("mine");
            _input.Set("the other's");
            using var read = new ManualResetEventSlim();
            _input.Read = read.Set;
            // A thread of its own: waiting for a queued task runs it on this one.
            Task second = Task.Factory.StartNew(
                () =>
                {
                    read.Wait();
                    AssertShared(() => row.Read());
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            try
            {
                _ = row.Read();
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
            finally
            {
                second.Wait();
            }
        }
        // On a busy machine the second thread may come too late for the first.
        Assert.IsTrue(Enumerable.Range(0, 50).Any(_ => Told()));
    }

    [TestMethod]
    public void Read_ComputationFails_NextRowIsRead()
    {
        EngineRow<string, string> row = Create(text => text == "bad" ? throw new FormatException("bad") : text);
        _input.Set("bad");
        Assert.ThrowsExactly<FormatException>(() => row.Read());
        Assert.ThrowsExactly<FormatException>(() => row.Read());
        _input.Set("good");
        Assert.AreEqual("good", row.Read());
    }

    [TestMethod]
    public void Read_ThreadsInTurn_EachReadsItsRow()
    {
        EngineRow<string, string> row = Create(text => text);
        for (int k = 0; k < 20; k++)
        {
            _input.Set($"{k}");
            Assert.AreEqual($"{k}", OnAnotherThread(row.Read));
        }
    }

    private EngineRow<string, string> Create(Func<string, string> process) => new(
        _input,
        (ref string value) =>
        {
            value = _input.Text;
            _input.Read();
        },
        text =>
        {
            _computed++;
            return process(text);
        });

    private static void AssertShared(Action read) =>
        Assert.AreEqual(Message, Assert.ThrowsExactly<InvalidOperationException>(read).Message);

    private static string OnAnotherThread(Func<string> read)
    {
        string result = "";
        var thread = new Thread(() => result = read());
        thread.Start();
        thread.Join();
        return result;
    }

    /// <summary>As an engine's input row: each value takes the place of the one before.</summary>
    private sealed class Row : DataViewRow
    {
        private long _position = -1;

        public string Text { get; private set; } = "";

        public Action Read { get; set; } = () => { };

        public override DataViewSchema Schema => throw new NotSupportedException();

        public override long Position => _position;

        public override long Batch => 0;

        public void Set(string text)
        {
            Text = text;
            _position++;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            throw new NotSupportedException();

        public override ValueGetter<DataViewRowId> GetIdGetter() => throw new NotSupportedException();
    }
}
