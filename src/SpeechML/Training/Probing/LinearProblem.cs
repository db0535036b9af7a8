using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace SpeechML.Training.Probing;

/// <summary>
/// The sum of a loss over clips + |W|² / 2C in float64, as it is minimised: without torch where the loss can, because
/// thousands of calls for small matrices cost several times the work.
/// </summary>
/// <param name="clips">Features of each clip, each over the first ones only where the others are 0.</param>
/// <param name="size">Features.</param>
/// <param name="targets">Targets of each clip, as the loss takes them.</param>
/// <param name="outputs">Outputs.</param>
/// <param name="objective">What is minimised.</param>
/// <param name="strength">C.</param>
internal sealed class LinearProblem(
    double[][] clips, int size, float[][] targets, int outputs, LinearObjective objective, double strength)
{
    private const int MaxIterations = 500;

    private readonly int _columns = objective.SharesWeights ? 1 : outputs;
    private readonly float[] _targets = [.. targets.SelectMany(t => t)];
    private readonly double[] _outputs = new double[clips.Length * outputs];
    private readonly double[] _slopes = new double[clips.Length * outputs];

    /// <summary>Solves it.</summary>
    /// <param name="tolerance">Ends where the gradient is this small against that at the start.</param>
    /// <returns>Weights, one column after the other, and a bias for each output.</returns>
    public (double[][] Weights, double[] Biases) Solve(double tolerance)
    {
        double[] solution = Lbfgs.Minimise((_columns * size) + outputs, Evaluate, tolerance, MaxIterations);
        return ([.. Enumerable.Range(0, _columns).Select(k => solution[(k * size)..((k + 1) * size)])],
            solution[(_columns * size)..]);
    }

    private (double Value, double[] Gradient) Evaluate(double[] p)
    {
        ReadOnlySpan<double> weights = p.AsSpan(0, _columns * size), biases = p.AsSpan(_columns * size);
        for (int i = 0; i < clips.Length; i++)
        {
            for (int k = 0; k < outputs; k++)
            {
                _outputs[(i * outputs) + k] = biases[k] + (k < _columns
                    ? TensorPrimitives.Dot(clips[i], weights.Slice(k * size, clips[i].Length))
                    : _outputs[i * outputs] - biases[0]);
            }
        }
        double value = objective.Scale * Loss();
        double[] gradient = new double[p.Length];
        Span<double> slopes = gradient.AsSpan(0, _columns * size), level = gradient.AsSpan(_columns * size);
        TensorPrimitives.Multiply(weights, 1 / strength, slopes);
        for (int i = 0; i < clips.Length; i++)
        {
            Span<double> own = _slopes.AsSpan(i * outputs, outputs);
            TensorPrimitives.Multiply(own, objective.Scale, own);
            TensorPrimitives.Add(level, own, level);
            for (int k = 0; k < _columns; k++)
            {
                double slope = _columns == outputs ? own[k] : TensorPrimitives.Sum<double>(own);
                Span<double> sum = slopes.Slice(k * size, clips[i].Length);
                TensorPrimitives.MultiplyAdd(clips[i], slope, sum, sum);
            }
        }
        return (value + (TensorPrimitives.SumOfSquares(weights) / (2 * strength)), gradient);
    }

    private double Loss()
    {
        if (objective.Loss.Managed is { } managed)
        {
            return managed.Sum(_outputs, _targets, outputs, _slopes);
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        Tensor output = tensor(_outputs, [clips.Length, outputs], ScalarType.Float64, requires_grad: true);
        Tensor target = _targets.Length == clips.Length ? tensor(_targets)
            : tensor(_targets, [clips.Length, _targets.Length / clips.Length]);
        Tensor sum = objective.Loss.ComputeParts(output, target).Sum;
        sum.backward();
        output.grad!.data<double>().CopyTo(_slopes);
        return sum.item<double>();
    }
}
