using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>A norm inside the conv front end, on (batch, channels, frames).</summary>
internal abstract class ChannelNorm : nn.Module
{
    protected ChannelNorm(long channels)
        : base("layer_norm")
    {
        Weight = Weights.Empty(channels);
        Bias = Weights.Empty(channels);
    }

    [field: ComponentName(Name = "weight")]
    protected Parameter Weight { get; private set; }

    [field: ComponentName(Name = "bias")]
    protected Parameter Bias { get; private set; }

    /// <summary>Whether it learns now.</summary>
    protected bool Learns => is_grad_enabled() && (Weight.requires_grad || Bias.requires_grad);

    /// <summary>
    /// The first convolution with this norm and GELU, frame after frame; <see langword="null"/> where that is not to be
    /// had.
    /// </summary>
    /// <param name="waveforms">The samples.</param>
    /// <param name="convolution">The convolution of them.</param>
    /// <param name="lengths">Frames of each clip that come out.</param>
    public abstract FirstConvolution? First(Tensor waveforms, TimeConvolution convolution, long[] lengths);

    /// <summary>
    /// A convolution with this norm and GELU, frame after frame: (batch, frames, channels) to the same;
    /// <see langword="null"/> where that is not to be had.
    /// </summary>
    public abstract Tensor? Next(Tensor frames, TimeConvolution convolution);

    /// <summary>Whether <see cref="Next"/> is to be had of so many frames that need no gradient.</summary>
    public abstract bool CanRunNext(long frames, TimeConvolution convolution);

    /// <summary>The norm and the exact GELU, of which autograd keeps <paramref name="owned"/> alone where it can.
    /// </summary>
    /// <inheritdoc cref="Normalize" path="/param"/>
    public virtual Tensor NormalizeGelu(Tensor owned, long[] lengths) =>
        TensorMath.Gelu(Normalize(owned, lengths));

    /// <summary>Normalises; <paramref name="owned"/> is overwritten where no gradient passes.</summary>
    /// <param name="owned">A fresh result that nobody else reads.</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    public abstract Tensor Normalize(Tensor owned, long[] lengths);
}

/// <summary>Layer norm of each frame over its channels.</summary>
internal sealed class FrameLayerNorm(long channels) : ChannelNorm(channels)
{
    public override FirstConvolution? First(Tensor waveforms, TimeConvolution convolution, long[] lengths) =>
        Learns ? null : convolution.FirstFrames(waveforms, Active);

    public override Tensor? Next(Tensor frames, TimeConvolution convolution)
    {
        using DisposeScope scope = NewDisposeScope();
        return Learns || convolution.Frames(frames, gelu: false) is not { } convolved ? null
            : Active(convolved).MoveToOuterDisposeScope();
    }

    public override bool CanRunNext(long frames, TimeConvolution convolution) =>
        !Learns && convolution.CanRunFrames(frames);

    private Tensor Active(Tensor frames) => TensorMath.Gelu(nn.functional.layer_norm(
        frames, [frames.shape[2]], Weight, Bias, WaveformConfig.FixedEpsilon));

    public override Tensor NormalizeGelu(Tensor owned, long[] lengths) =>
        owned.dtype == Weight.dtype && owned.requires_grad
            ? NormGeluFunction.Apply(owned, Weight, Bias, (input, weight, bias) =>
            {
                using DisposeScope scope = NewDisposeScope();
                return nn.functional.layer_norm(
                        input.transpose(1, 2), [input.shape[1]], weight, bias, WaveformConfig.FixedEpsilon)
                    .transpose(1, 2).MoveToOuterDisposeScope();
            })
            : base.NormalizeGelu(owned, lengths);

    public override Tensor Normalize(Tensor owned, long[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor frames = owned.transpose(1, 2);
        return nn.functional.layer_norm(
                Reduced.ForNorm(frames), [frames.shape[2]], Weight, Bias, WaveformConfig.FixedEpsilon)
            .transpose(1, 2).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Group norm with one group per channel: each channel over the time of its clip. Padding does not count, so that a
/// clip's result does not
/// depend on the batch (in Hugging Face it does).
/// </summary>
internal sealed class ClipGroupNorm(long channels) : ChannelNorm(channels)
{
    public override FirstConvolution? First(Tensor waveforms, TimeConvolution convolution, long[] lengths) =>
        Learns || convolution.Bias is not null || convolution.Windows(waveforms) is not { } windows ? null
            : FirstConvolution.Normed(windows, lengths, convolution.WeightForm.squeeze(1), Weight, Bias,
                WaveformConfig.FixedEpsilon);

    // Statistics over time come after the convolution.
    public override Tensor? Next(Tensor frames, TimeConvolution convolution) => null;

    public override bool CanRunNext(long frames, TimeConvolution convolution) => false;

    public override Tensor NormalizeGelu(Tensor owned, long[] lengths) =>
        owned.dtype == Weight.dtype && owned.requires_grad && Array.TrueForAll(lengths, l => l >= owned.shape[2])
            ? NormGeluFunction.Apply(owned, Weight, Bias, (input, weight, bias) => nn.functional.group_norm(
                input, input.shape[1], weight, bias, WaveformConfig.FixedEpsilon))
            : base.NormalizeGelu(owned, lengths);

    public override Tensor Normalize(Tensor owned, long[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? valid = FrameMask.Valid(lengths, owned.shape[2], owned.device);
        if (valid is null)
        {
            return nn.functional.group_norm(
                    Reduced.ForNorm(owned), owned.shape[1], Weight, Bias, WaveformConfig.FixedEpsilon)
                .MoveToOuterDisposeScope();
        }
        ScalarType type = owned.dtype;
        owned = Reduced.Widen(owned);
        Tensor mask = valid.to(owned.dtype).unsqueeze(1);
        Tensor counts = tensor(lengths, device: owned.device).to(owned.dtype).view(-1, 1, 1);
        bool inPlace = !owned.requires_grad && !Weight.requires_grad && !Bias.requires_grad || !is_grad_enabled();
        Tensor masked = inPlace ? owned.mul_(mask) : owned.mul(mask);
        Tensor mean = masked.sum(2, keepdim: true) / counts;
        // Padded frames are set back to 0 after centring: they must not count in the variance.
        Tensor centred = inPlace ? masked.sub_(mean).mul_(mask) : masked.sub(mean).mul(mask);
        Tensor variance = centred.Squared().sum(2, keepdim: true) / counts;
        Tensor scale =
            variance.add(Scalars.Of(WaveformConfig.FixedEpsilon), Scalars.Of(1)).rsqrt() * Weight.view(1, -1, 1);
        Tensor shift = Bias.view(1, -1, 1);
        Tensor scaled = inPlace ? centred.mul_(scale).add_(shift, Scalars.Of(1)) : centred.mul(scale).Plus(shift);
        return Reduced.As(scaled, type).MoveToOuterDisposeScope();
    }
}
