using SpeechML.Encoders.Native;

namespace SpeechML.Encoders.Tests.Native;

/// <summary>Loops on the threads that torch computes with.</summary>
[TestClass]
public sealed class TorchThreadsTests
{
    [TestMethod]
    public void For_EveryNumberOnce_AndExceptionsPass()
    {
        int[] seen = new int[1000];
        TorchThreads.For(seen.Length, i => Interlocked.Increment(ref seen[i]));
        Assert.IsTrue(Array.TrueForAll(seen, n => n == 1));
        int[] after = new int[100];
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => TorchThreads.For(after.Length, i =>
        {
            after[i]++;
            if (i == 50)
            {
                throw new InvalidDataException("fifty");
            }
        }));
        Assert.AreEqual("fifty", e.Message);
        Assert.IsTrue(Array.TrueForAll(after, n => n == 1));
        TorchThreads.For(0, _ => Assert.Fail("no number"));
    }
}
