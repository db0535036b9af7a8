using SpeechML.Model.Pooling;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Recordings;

/// <summary>Frames pooled part by part give what they give at once.</summary>
[TestClass]
public sealed class RunningPoolingTests
{
    public static IEnumerable<object[]> Poolings() =>
        new[] { "Mean", "MeanStd", "Max", "Min", "Attention", "AttentionTanh" }.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Poolings))]
    public void Result_AnyParts_IsThePooledVectorOfAll(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using FramePooling pooling = SpeechPooling.Create(name, 5, 3);
        using var generator = new Generator(1);
        // A mean far from 0, where sums of squares would lose the deviation.
        Tensor frames = (randn([1, 97, 5], generator: generator) * 3) + 20;
        float[] whole = Floats(pooling.Pool(frames, [97]));
        AssertEqual(whole, Running(pooling, frames, [97]), name);
        AssertEqual(whole, Running(pooling, frames, [1, 40, 6, 50]), name);
        AssertEqual(whole, Running(pooling, frames, [.. Enumerable.Repeat(1L, 97)]), name);
        AssertEqual(whole, Running(pooling, frames, [97], collected: true), name);
        AssertEqual(whole, Running(pooling, frames, [40, 57], collected: true), name);
        AssertEqual(whole, Joined(pooling, frames, [1, 40, 6, 50]), name);
        AssertEqual(whole, Joined(pooling, frames, [40, 57], collected: true), name);
    }

    [TestMethod]
    public void Result_ScoresFarApart_DoNotOverflow()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor frames = tensor([0f, 500f, 1f, 900f, 2f, 900f, 3f, -2000f], [4, 2]);
        var running = new RunningAttention(f => f.narrow(1, 1, 1));
        running.Add(frames.narrow(0, 0, 1));
        running.Add(frames.narrow(0, 1, 3));
        CollectionAssert.AreEqual(new[] { 1.5f, 900f }, running.Result());
    }

    private static float[] Running(FramePooling pooling, Tensor frames, long[] parts, bool collected = false)
    {
        RunningPooling running = collected ? new CollectedFrames(pooling) : pooling.BeginRunning();
        long from = 0;
        foreach (long part in parts)
        {
            running.Add(frames[0].narrow(0, from, part));
            from += part;
        }
        return running.Result();
    }

    private static float[] Joined(FramePooling pooling, Tensor frames, long[] parts, bool collected = false)
    {
        RunningPooling Begin() => collected ? new CollectedFrames(pooling) : pooling.BeginRunning();
        long from = 0;
        RunningPooling[] running = [.. parts.Select(part =>
        {
            RunningPooling one = Begin();
            one.Add(frames[0].narrow(0, from, part));
            from += part;
            return one;
        })];
        float[] Join()
        {
            RunningPooling all = Begin();
            foreach (RunningPooling one in running)
            {
                all.Join(one);
            }
            return all.Result();
        }
        float[] first = Join();
        CollectionAssert.AreEqual(first, Join(), "What is joined stays as it was.");
        return first;
    }

    private static float[] Floats(Tensor pooled) => pooled.contiguous().data<float>().ToArray();

    private static void AssertEqual(float[] expected, float[] actual, string name)
    {
        Assert.HasCount(expected.Length, actual, name);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 2e-5f, $"{name} {i}");
        }
    }
}
