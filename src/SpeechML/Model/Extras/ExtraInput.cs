using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Model.Extras;

/// <summary>
/// From the numbers of extra columns (batch, numbers) to what joins the pooled vector (batch, twice as many): each
/// number standardised by mean and deviation of the training clips, then for each whether it is missing. What is
/// missing (NaN, infinite) stands at the mean; the sign that it is missing is given only of numbers that were missing
/// in some training clips, and of others is 0, as nothing was learned of it. A number that was the same in all training
/// clips is 0.
/// </summary>
internal sealed class ExtraInput : nn.Module
{
    private const double Rounding = 1e-7;

    [ComponentName(Name = "mean")]
    private readonly Tensor _mean;

    // 1 / deviation; 0 of what is constant.
    [ComponentName(Name = "factor")]
    private readonly Tensor _factor;

    // 1 of what was missing in some training clips.
    [ComponentName(Name = "signs")]
    private readonly Tensor _signs;

    /// <param name="size">Numbers of a clip.</param>
    public ExtraInput(int size)
        : base(nameof(ExtraInput))
    {
        Size = size;
        _mean = zeros(size, device: Weights.Device).DetachFromDisposeScope();
        _factor = ones(size, device: Weights.Device).DetachFromDisposeScope();
        _signs = zeros(size, device: Weights.Device).DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <summary>Numbers of a clip.</summary>
    public int Size { get; }

    /// <summary>Size of what joins the pooled vector.</summary>
    public int OutputSize => 2 * Size;

    /// <summary>The means of the training clips.</summary>
    public float[] Means() => _mean.cpu().data<float>().ToArray();

    /// <summary>Takes mean and deviation of the training clips, and what is missing in some.</summary>
    public void Learn(IReadOnlyList<float[]> clips)
    {
        float[] mean = new float[Size], factor = new float[Size], signs = new float[Size];
        for (int i = 0; i < Size; i++)
        {
            double[] known = [.. clips.Select(c => (double)c[i]).Where(double.IsFinite)];
            if (known.Length == 0)
            {
                continue;
            }
            double average = known.Average();
            double deviation = Math.Sqrt(known.Average(v => (v - average) * (v - average)));
            mean[i] = (float)average;
            factor[i] = deviation <= Rounding * Math.Max(1e-30, Math.Abs(average)) ? 0 : (float)(1 / deviation);
            signs[i] = known.Length < clips.Count ? 1 : 0;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        _ = _mean.copy_(tensor(mean));
        _ = _factor.copy_(tensor(factor));
        _ = _signs.copy_(tensor(signs));
    }

    /// <summary>What joins the pooled vectors.</summary>
    /// <param name="numbers">(batch, numbers), as the columns have them.</param>
    public Tensor Run(Tensor numbers)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor missing = numbers.isfinite().logical_not();
        // Within the range of float32, whatever a number is.
        Tensor known = ((numbers - _mean) * _factor).masked_fill(missing, Scalars.Of(0));
        return cat([known, missing.to(ScalarType.Float32) * _signs], 1).MoveToOuterDisposeScope();
    }

    /// <summary>The same of clips that are not in tensors.</summary>
    public float[][] Run(IReadOnlyList<float[]> clips)
    {
        if (clips.Count == 0)
        {
            return [];
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        return [.. Run(Rows(clips, _mean.device)).cpu().contiguous().data<float>().ToArray().Chunk(OutputSize)];
    }

    /// <summary>Numbers of clips as a tensor (batch, numbers), in the caller's dispose scope.</summary>
    public static Tensor Rows(IReadOnlyList<float[]> clips, Device device) =>
        tensor([.. clips.SelectMany(c => c)], [clips.Count, clips[0].Length], device: device);
}
