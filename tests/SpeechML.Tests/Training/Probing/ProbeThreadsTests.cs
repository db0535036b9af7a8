using SpeechML.Training.Probing;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training.Probing;

/// <summary>Small computations side by side.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ProbeThreadsTests
{
    [TestMethod]
    public void Run_Jobs_EachOnceOnThreadsOfOneAndTorchKeepsItsOwn()
    {
        int before = get_num_threads();
        int[] calls = new int[50];
        int[] threads = new int[calls.Length];
        ProbeThreads.Run(calls.Length, null, job =>
        {
            _ = Interlocked.Increment(ref calls[job]);
            threads[job] = get_num_threads();
        });
        Assert.IsTrue(calls.All(c => c == 1));
        Assert.IsTrue(threads.All(t => t == 1));
        Assert.AreEqual(before, get_num_threads());
        ProbeThreads.Run(0, null, _ => Assert.Fail("no job"));
    }

    [TestMethod]
    public void Run_OneAtOnce_IsOneThread()
    {
        var seen = new HashSet<int>();
        ProbeThreads.Run(20, 1, _ => seen.Add(Environment.CurrentManagedThreadId));
        Assert.HasCount(1, seen);
    }

    [TestMethod]
    public void Run_JobThatThrows_EndsTheOthersAndIsThrown()
    {
        int before = get_num_threads(), ran = 0;
        void Job(int job)
        {
            _ = Interlocked.Increment(ref ran);
            if (job == 3)
            {
                throw new InvalidOperationException("job 3");
            }
            Thread.Sleep(1);
        }
        Assert.AreEqual("job 3", Assert.ThrowsExactly<InvalidOperationException>(
            () => ProbeThreads.Run(1000, null, Job)).Message);
        Assert.IsLessThan(1000, ran);
        Assert.AreEqual(before, get_num_threads());
    }
}
