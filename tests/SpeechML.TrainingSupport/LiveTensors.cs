using static TorchSharp.torch;

namespace SpeechML.TrainingSupport;

/// <summary>How many tensors something still holds.</summary>
internal static class LiveTensors
{
    /// <summary>
    /// The number of tensors, after what an earlier test dropped has gone: else the finalizers change the count
    /// between two looks at it.
    /// </summary>
    public static long Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
