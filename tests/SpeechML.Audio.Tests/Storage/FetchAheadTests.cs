using SpeechML.Audio.Storage;

namespace SpeechML.Audio.Tests.Storage;

[TestClass]
[DoNotParallelize] // waits of milliseconds
public sealed class FetchAheadTests
{
    [TestMethod]
    public void Map_ManyAtATime_KeepsTheOrder()
    {
        int now = 0;
        int most = 0;
        using var ahead = new FetchAhead<int>(16);
        int[] got = [.. ahead.Map(Enumerable.Range(0, 200), async i =>
        {
            int running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            await Task.Delay(10);
            Interlocked.Decrement(ref now);
            return 2 * i;
        }).Select(t => t.GetAwaiter().GetResult())];
        CollectionAssert.AreEqual(Enumerable.Range(0, 200).Select(i => 2 * i).ToArray(), got);
        Assert.IsTrue(most is > 4 and <= 16, $"{most} at a time");
    }

    [TestMethod]
    public void Map_ItemThatFails_ThrowsInItsPlace()
    {
        using var ahead = new FetchAhead<int>(8);
        using IEnumerator<Task<int>> results =
            ahead.Map(Enumerable.Range(0, 100),
            i => i == 3 ? throw new InvalidDataException("three") : Task.FromResult(i)).GetEnumerator();
        for (int i = 0; i < 5; i++)
        {
            Assert.IsTrue(results.MoveNext());
            Task<int> result = results.Current;
            if (i != 3)
            {
                Assert.AreEqual(i, result.GetAwaiter().GetResult());
                continue;
            }
            Assert.AreEqual("three",
                Assert.ThrowsExactly<InvalidDataException>(() => result.GetAwaiter().GetResult()).Message);
        }
    }

    [TestMethod]
    public void Map_GivenUp_ReadsNoFurtherThanItRanAhead()
    {
        int read = 0;
        int mapped = 0;
        IEnumerable<int> Source()
        {
            while (true)
            {
                yield return read++;
            }
        }
        using (var ahead = new FetchAhead<int>(4))
        {
            Assert.AreEqual(0, ahead.Map(Source(), i => Task.FromResult(Interlocked.Increment(ref mapped) * 0))
                .First().Result);
        }
        Assert.IsLessThanOrEqualTo(8, read);
        int after = mapped;
        Thread.Sleep(20);
        Assert.AreEqual(after, mapped);
    }

    [TestMethod]
    public void Map_AllTakenBeforeOneHasEnded_GivesThemAll()
    {
        using var ahead = new FetchAhead<int>(2);
        Task<int>[] all = [.. ahead.Map(Enumerable.Range(0, 20), async i =>
        {
            await Task.Delay(1);
            return i;
        })];
        CollectionAssert.AreEqual(Enumerable.Range(0, 20).ToArray(), Task.WhenAll(all).Result);
    }

    [TestMethod]
    public void Map_GivenUpWhileRequestsWait_EndsAndStartsNoMore()
    {
        using var answer = new ManualResetEventSlim();
        int begun = 0, ended = 0;
        var ahead = new FetchAhead<int>(4);
        IEnumerator<Task<int>> results = ahead.Map(Enumerable.Range(0, 100), async i =>
        {
            Interlocked.Increment(ref begun);
            while (!answer.IsSet)
            {
                await Task.Delay(1);
            }
            Interlocked.Increment(ref ended);
            return i;
        }).GetEnumerator();
        for (int i = 0; i < 6; i++)
        {
            Assert.IsTrue(results.MoveNext()); // does not wait for the answer
        }
        SpinWait.SpinUntil(() => Volatile.Read(ref begun) == 4);
        var givesUp = Task.Run(ahead.Dispose);
        Assert.IsFalse(givesUp.Wait(20));
        answer.Set();
        Assert.IsTrue(givesUp.Wait(TimeSpan.FromSeconds(30)));
        Assert.AreEqual(4, ended);
        Assert.AreEqual(4, begun);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = most; seen < value; seen = most)
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
