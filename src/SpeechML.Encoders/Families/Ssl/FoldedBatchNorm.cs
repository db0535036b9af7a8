using SpeechML.Encoders.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// Batch norm by the stored statistics, also in training: batches of a few clips would replace good statistics by
/// noise, make a clip's result
/// depend on its neighbours, and change a frozen encoder.
/// </summary>
internal sealed class FoldedBatchNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    [ComponentName(Name = "running_mean")]
    private readonly Tensor _mean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _variance;

    // Not used; kept because a checkpoint written from this encoder should have it.
    [ComponentName(Name = "num_batches_tracked")]
    private readonly Tensor _batches;

    public FoldedBatchNorm(long channels)
        : base("batch_norm")
    {
        _weight = Weights.Empty(channels);
        _bias = Weights.Empty(channels);
        _mean = Weights.EmptyBuffer(ScalarType.Float32, channels);
        _variance = Weights.EmptyBuffer(ScalarType.Float32, channels);
        _batches = Weights.EmptyBuffer(ScalarType.Int64);
    }

    public override Tensor forward(Tensor input) =>
        nn.functional.batch_norm(
            input, _mean, _variance, _weight, _bias, training: false, eps: WaveformConfig.FixedEpsilon);
}
