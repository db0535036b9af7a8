using SpeechML.Storage;

namespace SpeechML.Tests.Storage;

[TestClass]
public sealed class FetchAheadTests
{
    [TestMethod]
    public void Map_ManyAtATime_KeepsTheOrder()
    {
        int now = 0;
        int most = 0;
        int[] got = [.. FetchAhead.Map(Enumerable.Range(0, 200), i =>
        {
            int running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            Thread.Sleep(10);
            Interlocked.Decrement(ref now);
            return 2 * i;
        }, 16)];
        CollectionAssert.AreEqual(Enumerable.Range(0, 200).Select(i => 2 * i).ToArray(), got);
        Assert.IsTrue(most is > 4 and <= 16, $"{most} at a time");
    }

    [TestMethod]
    public void Map_ItemThatFails_ThrowsInItsPlace()
    {
        using IEnumerator<int> results = FetchAhead.Map(Enumerable.Range(0, 100), i => i == 3 ? throw new InvalidDataException("three") : i, 8).GetEnumerator();
        for (int i = 0; i < 3; i++)
        {
            Assert.IsTrue(results.MoveNext());
            Assert.AreEqual(i, results.Current);
        }
        Assert.AreEqual("three", Assert.ThrowsExactly<InvalidDataException>(() => results.MoveNext()).Message);
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
        Assert.AreEqual(0, FetchAhead.Map(Source(), i => Interlocked.Increment(ref mapped) * 0, 4).First());
        Assert.IsLessThanOrEqualTo(8, read);
        int after = mapped;
        Thread.Sleep(20);
        Assert.AreEqual(after, mapped);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = most; seen < value; seen = most)
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
