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
    private const int MaxIterations = 500;

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
        Tensor scale = x.std(0, unbiased: false);
        // What is constant but for rounding says nothing.
        scale = scale.masked_fill(
            scale <= (mean.abs() * Scalars.Of(Rounding)).clamp_min(Scalars.Of(Rounding)), Scalars.Of(1));
        x = (x - mean) / scale;
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
        int columns = objective.SharesWeights ? 1 : outputs;
        double[] solution = Solve(reduced, Targets(targets, objective), columns, outputs, objective, strength,
            tolerance);
        int weights = (int)reduced.shape[1] * columns;
        Tensor w = tensor(solution[..weights], [reduced.shape[1], columns], ScalarType.Float64);
        if (root is not null)
        {
            w = x.t().mm(linalg.solve_triangular(root.t(), w, upper: true));
        }
        Tensor bias = tensor(solution[weights..], ScalarType.Float64);
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

    private static Tensor Targets(IReadOnlyList<float[]> targets, LinearObjective objective)
    {
        float[][] rows = [.. targets.Select(objective.Target)];
        int width = rows[0].Length;
        float[] values = [.. rows.SelectMany(t => t)];
        return width == 1 ? tensor(values) : tensor(values, [rows.Length, width]);
    }

    private static double[] Solve(
        Tensor x, Tensor targets, int columns, int outputs, LinearObjective objective, double strength,
        double tolerance)
    {
        // Thousands of products of small matrices: threads that wait for each other after every one cost a hundred
        // times the work where other programs use the processors.
        int threads = get_num_threads();
        set_num_threads(1);
        try
        {
            return Minimise(x, targets, columns, outputs, objective, strength, tolerance);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static double[] Minimise(
        Tensor x, Tensor targets, int columns, int outputs, LinearObjective objective, double strength,
        double tolerance)
    {
        int weights = (int)x.shape[1] * columns;
        return Lbfgs.Minimise(weights + outputs, p =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor w = tensor(p[..weights], [x.shape[1], columns], ScalarType.Float64);
            Tensor output = x.mm(w).Plus(tensor(p[weights..], ScalarType.Float64));
            double value;
            using (enable_grad())
            {
                _ = output.requires_grad_();
                Tensor sum = objective.Loss.ComputeParts(output, targets).Sum;
                sum.backward();
                value = objective.Scale * sum.item<double>();
            }
            Tensor slope = output.grad! * Scalars.Of(objective.Scale);
            Tensor shared = columns == outputs ? slope : slope.sum([1], keepdim: true);
            double[] gradient = [.. x.t().mm(shared).Plus(w * Scalars.Of(1 / strength)).contiguous().data<double>(),
                .. slope.sum([0]).data<double>()];
            return (value + (w.Squared().sum().item<double>() / (2 * strength)), gradient);
        }, tolerance, MaxIterations);
    }
}
