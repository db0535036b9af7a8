using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// The gradients that autograd functions of our own return. TorchSharp keeps no account of them in managed code: they
/// must outlive the call, and are let go when the next ones are computed, because autograd holds
/// them itself by then.
/// </summary>
internal static class ReturnedGradients
{
    [ThreadStatic]
    private static List<Tensor>? t_returned;

    /// <summary>Hands gradients to autograd.</summary>
    public static List<Tensor> Of(params Tensor?[] gradients)
    {
        Release();
        t_returned = [.. gradients.OfType<Tensor>().Select(g => g.DetachFromDisposeScope())];
        return [.. gradients.Select(g => g!)];
    }

    /// <summary>Lets go what was returned last.</summary>
    public static void Release()
    {
        t_returned?.ForEach(g => g.Dispose());
        t_returned = null;
    }
}
