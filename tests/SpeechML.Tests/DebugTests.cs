using SpeechML.Encoders;
using SpeechML.Heads;
using SpeechML.Pooling;
using SpeechML.Tests.Support;
using SpeechML.Training;
using TorchSharp;

namespace SpeechML.Tests;

[TestClass]
public sealed class DebugTests
{
    [TestMethod]
    public void A()
    {
        string f = RepositoryFiles.TinyEncoder("whisper-80");
        for (int i = 0; i < 3; i++)
        {
            long a = Live();
            var e = EncoderLoader.Load(f);
            long b = Live();
            e.Dispose();
            long c = Live();
            e = EncoderLoader.Load(f);
            var p = FramePooling.Create(SpeechPooling.Mean, e.Config.HiddenSize, 0);
            var n = new SpeechNetwork(e, LayerSelection.Parse(-1, ""), new LayerMix(LayerCombination.Mean, 1), p, new LinearHead(p.OutputSize, 3, new HeadOptions(), 1));
            long d = Live();
            n.Dispose();
            long g = Live();
            e = EncoderLoader.Load(f);
            p = FramePooling.Create(SpeechPooling.Mean, e.Config.HiddenSize, 0);
            n = new SpeechNetwork(e, LayerSelection.Parse(-1, ""), new LayerMix(LayerCombination.Mean, 1), p, new LinearHead(p.OutputSize, 3, new HeadOptions(), 1));
            n.to(torch.CPU);
            n.eval();
            n.Dispose();
            long h = Live();
            Console.WriteLine($"DBG {a} {b} {c} {d} {g} {h}");
        }
    }

    private static long Live()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
