namespace SpeechML.Sweeps;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    // Acklam's rational approximation of the quantile, relative error below 1.2e-9
    private static readonly double[] s_a = [-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00];
    private static readonly double[] s_b = [-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01];
    private static readonly double[] s_c = [-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00];
    private static readonly double[] s_d = [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00];

    // Chebyshev fit of log(erfc) (Press et al., Numerical Recipes, erfcc): relative error below 1.2e-7 everywhere, so that tails have a mass
    private static readonly double[] s_erfc = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223];

    /// <summary>The share below <paramref name="x"/>.</summary>
    public static double Cdf(double x) => 0.5 * Erfc(-x / Math.Sqrt(2));

    /// <summary>The share between two places; exact in either tail.</summary>
    public static double Mass(double from, double to) => from > 0 ? Cdf(-from) - Cdf(-to) : Cdf(to) - Cdf(from);

    /// <summary>The place below which the share <paramref name="p"/> is.</summary>
    public static double Quantile(double p)
    {
        const double Tail = 0.02425;
        if (p <= 0 || p >= 1)
        {
            return p <= 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }
        if (p > 1 - Tail)
        {
            return -Quantile(1 - p);
        }
        if (p < Tail)
        {
            double q = Math.Sqrt(-2 * Math.Log(p));
            return Polynomial(s_c, q) / ((Polynomial(s_d, q) * q) + 1);
        }
        double centred = p - 0.5;
        double r = centred * centred;
        return Polynomial(s_a, r) * centred / ((Polynomial(s_b, r) * r) + 1);
    }

    private static double Erfc(double x)
    {
        double t = 1 / (1 + (0.5 * Math.Abs(x)));
        double value = t * Math.Exp((-x * x) + Polynomial(s_erfc, t));
        return x >= 0 ? value : 2 - value;
    }

    /// <summary>Coefficients from the highest power down.</summary>
    private static double Polynomial(double[] coefficients, double x) => coefficients.Aggregate(0.0, (sum, c) => (sum * x) + c);
}
