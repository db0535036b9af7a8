using System.Numerics.Tensors;

namespace SpeechML.Training.Probing;

/// <summary>
/// Limited-memory BFGS (Nocedal 1980) with backtracking until the value has fallen enough (Armijo 1966), for smooth
/// strictly convex functions.
/// </summary>
internal static class Lbfgs
{
    private const int Memory = 10;
    private const int MaxHalvings = 30;
    private const double Sufficient = 1e-4;

    /// <summary>Minimises a function from 0.</summary>
    /// <param name="size">Number of variables.</param>
    /// <param name="evaluate">Gives the value and the gradient.</param>
    /// <param name="tolerance">Ends where the norm of the gradient is this small against that at the start.</param>
    /// <param name="maxIterations">Ends there in any case.</param>
    public static double[] Minimise(
        int size, Func<double[], (double Value, double[] Gradient)> evaluate, double tolerance, int maxIterations)
    {
        double[] x = new double[size];
        (double value, double[] gradient) = evaluate(x);
        double enough = tolerance * TensorPrimitives.Norm<double>(gradient);
        var pairs = new List<(double[] Step, double[] Change, double Inner)>();
        for (int i = 0; i < maxIterations && TensorPrimitives.Norm<double>(gradient) > enough; i++)
        {
            double[] direction = Direction(gradient, pairs);
            double slope = TensorPrimitives.Dot<double>(direction, gradient);
            double step = pairs.Count == 0 ? 1 / Math.Max(1, TensorPrimitives.Norm<double>(gradient)) : 1;
            double[] next = x;
            (double Value, double[] Gradient) there = (value, gradient);
            int halvings = 0;
            for (; halvings < MaxHalvings; halvings++, step /= 2)
            {
                next = new double[size];
                TensorPrimitives.MultiplyAdd<double>(direction, step, x, next);
                there = evaluate(next);
                if (there.Value <= value + (Sufficient * step * slope))
                {
                    break;
                }
            }
            if (halvings == MaxHalvings)
            {
                break;
            }
            Remember(pairs, Difference(next, x), Difference(there.Gradient, gradient));
            (x, value, gradient) = (next, there.Value, there.Gradient);
        }
        return x;
    }

    private static void Remember(
        List<(double[] Step, double[] Change, double Inner)> pairs, double[] step, double[] change)
    {
        double inner = TensorPrimitives.Dot<double>(step, change);
        if (inner <= 0)
        {
            return;
        }
        if (pairs.Count == Memory)
        {
            pairs.RemoveAt(0);
        }
        pairs.Add((step, change, inner));
    }

    private static double[] Direction(
        double[] gradient, List<(double[] Step, double[] Change, double Inner)> pairs)
    {
        double[] d = new double[gradient.Length];
        TensorPrimitives.Negate<double>(gradient, d);
        double[] shares = new double[pairs.Count];
        for (int k = pairs.Count - 1; k >= 0; k--)
        {
            shares[k] = TensorPrimitives.Dot<double>(pairs[k].Step, d) / pairs[k].Inner;
            TensorPrimitives.MultiplyAdd<double>(pairs[k].Change, -shares[k], d, d);
        }
        if (pairs.Count > 0)
        {
            (_, double[] change, double inner) = pairs[^1];
            TensorPrimitives.Multiply<double>(d, inner / TensorPrimitives.SumOfSquares<double>(change), d);
        }
        for (int k = 0; k < pairs.Count; k++)
        {
            double back = TensorPrimitives.Dot<double>(pairs[k].Change, d) / pairs[k].Inner;
            TensorPrimitives.MultiplyAdd<double>(pairs[k].Step, shares[k] - back, d, d);
        }
        return d;
    }

    private static double[] Difference(double[] a, double[] b)
    {
        double[] result = new double[a.Length];
        TensorPrimitives.Subtract<double>(a, b, result);
        return result;
    }
}
