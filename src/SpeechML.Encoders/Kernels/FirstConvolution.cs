using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// The first convolution of waveforms, of a single channel, as products with windows of the samples: any stretch of
/// its frames, so that whoever goes on with them needs not have all at once.
/// </summary>
/// <param name="windows">What each frame is made of, (batch, frames, kernel), contiguous.</param>
/// <param name="maps">Kernel (outputs, kernel) and bias of each clip, or one for all, in the type of
/// <paramref name="windows"/>.</param>
/// <param name="norm">What follows, with an activation of its own; <see langword="null"/> for GELU alone.</param>
internal sealed class FirstConvolution(
    Tensor windows, IReadOnlyList<(Tensor Kernel, Tensor? Bias)> maps, Func<Tensor, Tensor>? norm = null)
{
    /// <summary>The type of what comes out.</summary>
    public ScalarType Type => windows.dtype;

    /// <summary>
    /// With a norm of each channel over the time of its clip, and GELU. What the norm does is folded into the kernel:
    /// mean and variance of a channel follow from those of the windows of the waveform.
    /// </summary>
    /// <param name="windows">(batch, frames, kernel), contiguous.</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    /// <param name="weight">(outputs, kernel) in float32.</param>
    /// <param name="gain">What the norm multiplies with, (outputs).</param>
    /// <param name="shift">What it adds, (outputs).</param>
    /// <param name="epsilon">What it adds to the variance.</param>
    public static FirstConvolution Normed(
        Tensor windows, long[] lengths, Tensor weight, Tensor gain, Tensor shift, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor kernel = weight.to(ScalarType.Float64);
        var maps = new (Tensor Kernel, Tensor? Bias)[lengths.Length];
        for (int clip = 0; clip < maps.Length; clip++)
        {
            using DisposeScope one = NewDisposeScope();
            // In double: a kernel that takes differences leaves little of a low sound.
            Tensor valid = windows[clip].narrow(0, 0, lengths[clip]).to(ScalarType.Float64);
            Tensor mean = valid.mean([0]);
            Tensor centred = valid.sub_(mean);
            Tensor covariance = centred.t().mm(centred).div_(tensor(new double[] { lengths[clip] }));
            Tensor variance = kernel.mm(covariance).mul_(kernel).sum(1);
            Tensor scale = variance.add_(Scalars.Of(epsilon), Scalars.Of(1)).rsqrt_().mul_(gain);
            Tensor folded = kernel.mul(scale.unsqueeze(1));
            Tensor bias = shift.sub(folded.mv(mean));
            maps[clip] = (folded.to(windows.dtype).MoveToOuterDisposeScope().MoveToOuterDisposeScope(),
                bias.to(windows.dtype).MoveToOuterDisposeScope().MoveToOuterDisposeScope());
        }
        return new FirstConvolution(windows, maps);
    }

    /// <summary>A stretch of a clip's frames, fresh (1, count, outputs).</summary>
    public Tensor Run(int clip, long first, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor given = windows.narrow(0, clip, 1).narrow(1, first, count);
        (Tensor kernel, Tensor? bias) = maps.Count == 1 ? maps[0] : maps[clip];
        Tensor frames = OneDnn.Linear(given, kernel, bias, gelu: norm is null)
            ?? (norm is null ? nn.functional.linear(given, kernel, bias).gelu_()
                : nn.functional.linear(given, kernel, bias));
        return (norm is null ? frames : norm(frames)).MoveToOuterDisposeScope();
    }
}
