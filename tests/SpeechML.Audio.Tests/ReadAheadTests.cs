using SpeechML.Audio.Streaming;

namespace SpeechML.Audio.Tests;

[TestClass]
[DoNotParallelize] // waits of milliseconds
public sealed class ReadAheadTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(1, 1, 1L)]
    [DataRow(3, 4, 2L)]
    [DataRow(4, 64, 1000L)]
    public void MoveNext_UnevenWork_KeepsTheOrder(int workers, int items, long size)
    {
        var limits = new ReadAheadLimits { Workers = workers, Items = items, Size = size };
        using var ahead = new ReadAhead<int, int>(Enumerable.Range(0, 200), n =>
        {
            Thread.SpinWait((n * 7919 % 13) * 500);
            return n * n;
        }, _ => 1, limits);
        var got = new List<int>();
        while (ahead.MoveNext())
        {
            got.Add(ahead.Current);
        }
        CollectionAssert.AreEqual(Enumerable.Range(0, 200).Select(n => n * n).ToList(), got);
        Assert.IsFalse(ahead.MoveNext());
    }

    [TestMethod]
    public void MoveNext_MapThrows_ThrowsAtItsItemAndGoesOn()
    {
        using var ahead = new ReadAhead<int, int>(Enumerable.Range(0, 5),
            n => n == 2 ? throw new AudioException(AudioErrorKind.NotAudio, $"{n}.wav", "expected audio, got 2.") : n,
            _ => 1);
        Assert.IsTrue(ahead.MoveNext());
        Assert.IsTrue(ahead.MoveNext());
        AudioException error = Assert.ThrowsExactly<AudioException>(() => ahead.MoveNext());
        Assert.AreEqual("'2.wav': expected audio, got 2.", error.Message);
        Assert.IsTrue(ahead.MoveNext());
        Assert.AreEqual(3, ahead.Current);
    }

    [TestMethod]
    public void MoveNext_SourceThrows_ThrowsBehindTheItemsBeforeIt()
    {
        static IEnumerable<int> Source()
        {
            yield return 1;
            throw new InvalidOperationException("source");
        }
        using var ahead = new ReadAhead<int, int>(Source(), n => n, _ => 1);
        Assert.IsTrue(ahead.MoveNext());
        Assert.AreEqual(1, ahead.Current);
        Assert.AreEqual("source", Assert.ThrowsExactly<InvalidOperationException>(() => ahead.MoveNext()).Message);
        Assert.IsFalse(ahead.MoveNext());
    }

    [TestMethod]
    public void MoveNext_SizeLimit_BoundsTheResultsThatWait()
    {
        const int Workers = 3, Each = 100, Limit = 250;
        int made = 0, taken = 0, most = 0;
        using var ahead = new ReadAhead<int, int>(Enumerable.Range(0, 60), n =>
        {
            int waiting = Interlocked.Increment(ref made) - Volatile.Read(ref taken);
            InterlockedMax(ref most, waiting);
            return n;
        }, _ => Each, new ReadAheadLimits { Workers = Workers, Items = 50, Size = Limit });
        while (ahead.MoveNext())
        {
            Thread.Sleep(1); // the workers would run far ahead
            Interlocked.Increment(ref taken);
        }
        // three reach the limit, one more per worker may be in work, and one is with the consumer
        Assert.IsLessThanOrEqualTo(3 + Workers + 1, most);
        Assert.AreEqual(60, made);
    }

    [TestMethod]
    public void MoveNext_Working_RunsAheadOfTheConsumer()
    {
        using var begun = new CountdownEvent(4);
        using var ahead = new ReadAhead<int, int>(Enumerable.Range(0, 4), n =>
        {
            begun.Signal();
            return n;
        }, _ => 1, new ReadAheadLimits { Workers = 2 });
        Assert.IsTrue(ahead.MoveNext());
        Assert.IsTrue(begun.Wait(s_deadline, TestContext.CancellationToken),
            "The other items are worked on while the consumer has the first.");
    }

    [TestMethod]
    public void MoveNext_Cancelled_ThrowsWhileItWaits()
    {
        using var source = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        using var ahead = new ReadAhead<int, int>([1], n =>
        {
            source.Cancel();
            release.Wait(s_deadline);
            return n;
        }, _ => 1, cancellation: source.Token);
        Assert.ThrowsExactly<OperationCanceledException>(() => ahead.MoveNext());
        release.Set();
    }

    [TestMethod]
    public void Dispose_ItemsInWork_WaitsAndStartsNoOther()
    {
        int begun = 0, finished = 0;
        using var started = new ManualResetEventSlim();
        var ahead = new ReadAhead<int, int>(Enumerable.Range(0, 1000), n =>
        {
            Interlocked.Increment(ref begun);
            started.Set();
            Thread.Sleep(n == 0 ? 0 : 20);
            Interlocked.Increment(ref finished);
            return n;
        }, _ => 1, new ReadAheadLimits { Workers = 2 });
        Assert.IsTrue(ahead.MoveNext());
        ahead.Dispose();
        int atDispose = begun;
        Assert.AreEqual(atDispose, finished);
        Thread.Sleep(60);
        Assert.AreEqual(atDispose, begun);
        Assert.ThrowsExactly<ObjectDisposedException>(() => ahead.MoveNext());
    }

    [TestMethod]
    public void Dispose_ResultsNotTaken_DisposesThem()
    {
        var made = new System.Collections.Concurrent.ConcurrentBag<MemoryStream>();
        using var all = new CountdownEvent(3);
        var ahead = new ReadAhead<int, MemoryStream>(Enumerable.Range(0, 3), _ =>
        {
            var stream = new MemoryStream();
            made.Add(stream);
            all.Signal();
            return stream;
        }, _ => 1);
        Assert.IsTrue(ahead.MoveNext());
        MemoryStream taken = ahead.Current;
        Assert.IsTrue(all.Wait(s_deadline, TestContext.CancellationToken));
        ahead.Dispose();
        Assert.HasCount(3, made);
        Assert.IsTrue(made.All(s => s == taken ? s.CanRead : !s.CanRead));
    }

    [TestMethod]
    public void Dropped_NotDisposed_WorkersEndAndKeepNothing()
    {
        using var cancellation = new CancellationTokenSource(); // outlives the consumers and must not hold them
        WeakReference[] kept = [.. Enumerable.Range(0, 5).SelectMany(_ => Drop(cancellation.Token))];
        DateTime deadline = DateTime.UtcNow + s_deadline;
        while (Array.Exists(kept, k => k.IsAlive) && DateTime.UtcNow < deadline)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.AreEqual(0, kept.Count(k => k.IsAlive));
    }

    [TestMethod]
    public void MoveNext_FirstItem_ReadsAFewOfTheSource()
    {
        const int Workers = 2;
        int read = 0;
        using var ahead = new ReadAhead<int, int>(
            Enumerable.Range(0, 1000).Select(n => read = n + 1), n => n, _ => 1,
            new ReadAheadLimits { Workers = Workers, Items = 64 });
        Assert.IsTrue(ahead.MoveNext());
        Assert.AreEqual(4 * Workers, read);
        for (int k = 0; k < 4; k++)
        {
            Assert.IsTrue(ahead.MoveNext());
        }
        Assert.AreEqual(64 + 4, read);
    }

    /// <summary>Starts a read-ahead, takes one item, and leaves it; what its workers can reach, and itself.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference[] Drop(CancellationToken cancellation)
    {
        byte[] reached = new byte[16];
        var ahead = new ReadAhead<int, int>(
            Enumerable.Range(0, 1000), n => n + reached.Length, _ => 1, cancellation: cancellation);
        Assert.IsTrue(ahead.MoveNext());
        return [new WeakReference(reached), new WeakReference(ahead)];
    }

    [TestMethod]
    public void Constructor_ZeroItems_SaysWhatIsExpected()
    {
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() =>
            new ReadAhead<int, int>([], n => n, _ => 1, new ReadAheadLimits { Workers = 2, Items = 0, Size = 5 }));
        Assert.AreEqual("Read-ahead: expected at least one worker, one item and a size of one, got 2, 0 and 5.",
            error.Message);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); value > seen;)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }
            seen = before;
        }
    }
}
