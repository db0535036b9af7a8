using SpeechML.Encoders.Kernels;

namespace SpeechML.TrainingSupport;

/// <summary>Tests of weights in oneDNN's order, where the processor has it so.</summary>
public abstract class OneDnnTests : SmallProductTests
{
    [TestInitialize]
    public void NeedsOneDnn()
    {
        if (!OneDnn.CanPack)
        {
            Assert.Inconclusive("libtorch's oneDNN is not used on this processor.");
        }
    }
}
