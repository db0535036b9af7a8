using TorchSharp;

namespace SpeechML.Encoders.Tests.Native;

[TestClass]
public sealed class TorchNativeLibraryTests
{
    [TestMethod]
    public void EnsureLoaded_OnThisMachine_TorchComputes()
    {
        TorchNativeLibrary.EnsureLoaded();
        using torch.Tensor product = torch.ones(2, 3).matmul(torch.ones(3, 2));
        Assert.AreEqual(3f, product[0, 0].item<float>());
    }
}
