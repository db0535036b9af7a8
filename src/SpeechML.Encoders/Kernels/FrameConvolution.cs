using SpeechML.Encoders.Native;
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
    /// <param name="input">What comes in, in any shape.</param>
    /// <param name="outputs">Channels that come out.</param>
    public static bool CanRun(Tensor input, long outputs) =>
        FastPaths.Convolutions && OneDnn.CanConvolve && input.device_type == DeviceType.CPU
            && input.dtype is ScalarType.Float32 or ScalarType.BFloat16
            && input.numel() * outputs >= MatrixProducts.MinMultiplications;

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

    /// <summary>
    /// The first convolution of a waveform with a norm of each channel over the time of its clip and GELU. What the
    /// norm does is folded into the kernel: mean and variance of a channel follow from those of the windows of the
    /// waveform.
    /// </summary>
    /// <param name="windows">(batch, frames, kernel), contiguous.</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    /// <param name="weight">(outputs, kernel) in float32.</param>
    /// <param name="gain">What the norm multiplies with, (outputs).</param>
    /// <param name="shift">What it adds, (outputs).</param>
    /// <param name="epsilon">What it adds to the variance.</param>
    /// <returns>A fresh (batch, frames, outputs) in the type of <paramref name="windows"/>.</returns>
    public static Tensor NormedFirst(
        Tensor windows, long[] lengths, Tensor weight, Tensor gain, Tensor shift, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor kernel = weight.to(ScalarType.Float64);
        var clips = new Tensor[lengths.Length];
        for (int clip = 0; clip < clips.Length; clip++)
        {
            using DisposeScope one = NewDisposeScope();
            Tensor given = windows[clip];
            // In double: a kernel that takes differences leaves little of a low sound.
            Tensor valid = given.narrow(0, 0, lengths[clip]).to(ScalarType.Float64);
            Tensor mean = valid.mean([0]);
            Tensor centred = valid.sub_(mean);
            Tensor covariance = centred.t().mm(centred).div_(tensor(new double[] { lengths[clip] }));
            Tensor variance = kernel.mm(covariance).mul_(kernel).sum(1);
            Tensor scale = variance.add_(Scalars.Of(epsilon), Scalars.Of(1)).rsqrt_().mul_(gain);
            Tensor folded = kernel.mul(scale.unsqueeze(1));
            Tensor bias = shift.sub(folded.mv(mean));
            (Tensor factor, Tensor added) = (folded.to(windows.dtype), bias.to(windows.dtype));
            clips[clip] = (OneDnn.Linear(given, factor, added, gelu: true)
                ?? nn.functional.linear(given, factor, added).gelu_()).MoveToOuterDisposeScope();
        }
        return (clips.Length == 1 ? clips[0].unsqueeze(0) : stack(clips)).MoveToOuterDisposeScope();
    }
}
