using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training.Probing;

/// <summary>
/// A linear model on standardised features with a squared penalty on its weights, solved to its minimum: the sum of
/// the loss + |W|² / 2C, biases free (scikit-learn's <c>StandardScaler</c> and <c>LogisticRegression</c>).
/// </summary>
/// <param name="Weight">(features, outputs), of the features as they are: standardising is folded in.</param>
/// <param name="Bias">(outputs).</param>
internal sealed record LinearProbe(Tensor Weight, Tensor Bias) : IDisposable
{
    // Keeps the Gram matrix of centred clips, which has a direction without extent, decomposable.
    private const double Jitter = 1e-9;
    private const double Rounding = 1e-7;
    private const int RowsAtOnce = 256;

    /// <summary>Solves it, in float64 on the CPU.</summary>
    /// <param name="features">(clips, features).</param>
    /// <param name="targets">Targets of each clip.</param>
    /// <param name="outputs">Outputs.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="strength">C.</param>
    /// <param name="tolerance">Ends where the gradient is this small against that at the start.</param>
    public static LinearProbe Fit(
        Tensor features, IReadOnlyList<float[]> targets, int outputs, LinearObjective objective, double strength,
        double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor x = features.to(ScalarType.Float64).cpu();
        Tensor mean = x.mean([0]);
        x = x - mean;
        Tensor scale = x.Squared().mean([0]).sqrt();
        // What is constant but for rounding says nothing.
        scale = scale.masked_fill(
            scale <= (mean.abs() * Scalars.Of(Rounding)).clamp_min(Scalars.Of(Rounding)), Scalars.Of(1));
        x = x / scale;
        long clips = x.shape[0], size = x.shape[1];
        // With fewer clips than features, the solution is a sum of clips: the same problem in as many variables.
        Tensor? root = null;
        Tensor reduced = x;
        if (size > clips)
        {
            Tensor gram = x.mm(x.t());
            double ridge = (gram.diagonal().mean().item<double>() * Jitter) + double.Epsilon;
            root = reduced = linalg.cholesky(
                gram.Plus(eye(clips, dtype: ScalarType.Float64) * Scalars.Of(ridge)));
        }
        (double[][] weights, double[] biases) = Solve(
            new LinearProblem(Rows(reduced, root is not null), (int)reduced.shape[1],
                [.. targets.Select(objective.Target)], outputs, objective, strength), tolerance);
        Tensor w = stack([.. weights.Select(c => tensor(c))], 1);
        if (root is not null)
        {
            w = x.t().mm(linalg.solve_triangular(root.t(), w, upper: true));
        }
        Tensor bias = tensor(biases);
        w = w / scale.unsqueeze(1);
        bias -= mean.unsqueeze(0).mm(w).squeeze(0);
        return new LinearProbe(w.MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope());
    }

    /// <summary>Outputs (clips, outputs).</summary>
    public Tensor Run(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        return features.to(ScalarType.Float64).cpu().mm(Weight).Plus(Bias).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Weight.Dispose();
        Bias.Dispose();
    }

    /// <summary>Each clip alone, without the zeros above the diagonal.</summary>
    private static double[][] Rows(Tensor x, bool isLower)
    {
        int clips = (int)x.shape[0], size = (int)x.shape[1];
        double[][] rows = new double[clips][];
        for (int start = 0; start < clips; start += RowsAtOnce)
        {
            using Tensor some = x.narrow(0, start, Math.Min(RowsAtOnce, clips - start)).contiguous();
            double[] values = some.data<double>().ToArray();
            for (int i = start; i < start + some.shape[0]; i++)
            {
                rows[i] = values.AsSpan((i - start) * size, isLower ? i + 1 : size).ToArray();
            }
        }
        return rows;
    }

    private static (double[][] Weights, double[] Biases) Solve(LinearProblem problem, double tolerance)
    {
        // A loss by torch: threads that wait for each other after every small product cost a hundred times the work
        // where other programs use the processors.
        int threads = get_num_threads();
        set_num_threads(1);
        try
        {
            return problem.Solve(tolerance);
        }
        finally
        {
            set_num_threads(threads);
        }
    }
}
