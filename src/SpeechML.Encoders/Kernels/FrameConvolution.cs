using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// Convolutions over time whose values lie frame after frame in memory, by oneDNN and without gradient: torch's
/// <c>conv1d</c> takes and gives channel after channel, and reorders both in each call. GELU is fused.
/// </summary>
internal static class FrameConvolution
{
    /// <summary>Whether it can and should be done so: float32 or bfloat16 on the CPU, large enough.</summary>
    /// <param name="device">Where it is done.</param>
    /// <param name="type">The type of the products.</param>
    /// <param name="values">Values that come in.</param>
    /// <param name="outputs">Channels that come out.</param>
    public static bool CanRun(DeviceType device, ScalarType type, long values, long outputs) =>
        FastPaths.Convolutions && OneDnn.CanConvolve && device == DeviceType.CPU
            && type is ScalarType.Float32 or ScalarType.BFloat16
            && values * outputs >= MatrixProducts.MinMultiplications;

    /// <summary>(batch, frames, inputs) to a fresh (batch, frames, outputs).</summary>
    /// <param name="input">Contiguous.</param>
    /// <param name="weight">(outputs, inputs, kernel), of the same type.</param>
    /// <param name="bias">(outputs), or none.</param>
    /// <param name="stride">Frames from one window to the next.</param>
    /// <param name="padding">Frames of zeros at both ends.</param>
    /// <param name="gelu">Whether GELU follows.</param>
    public static Tensor Run(Tensor input, Tensor weight, Tensor? bias, long stride, long padding, bool gelu)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = input.unsqueeze(1).permute(0, 3, 1, 2);
        if (OneDnn.Convolution(image, weight.unsqueeze(2), bias, stride, padding, gelu) is { } output)
        {
            return output.squeeze(2).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
        }
        Tensor plain = nn.functional.conv1d(input.transpose(1, 2), weight, bias, stride: stride, padding: padding)
            .transpose(1, 2).contiguous();
        return (gelu ? plain.gelu_() : plain).MoveToOuterDisposeScope();
    }
}
