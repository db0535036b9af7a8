namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>The standard normal distribution, with a small relative error in the middle and in both tails.</summary>
internal static class NormalDistribution
{
    // From here on the continued fraction of the tail is exact in double precision after so many terms; below, the
    // series loses no digits.
    private const double Tail = 2;
    private const int Terms = 100;

    // Acklam's rational approximation of the quantile (relative error below 1.2e-9), from which Halley's steps start
    private static readonly double[] s_a =
        [-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239e+00];
    private static readonly double[] s_b =
        [-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01];
    private static readonly double[] s_c =
        [-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
        4.374664141464968e+00, 2.938163982698783e+00];
    private static readonly double[] s_d =
        [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00];

    /// <summary>The share below <paramref name="x"/>; NaN for NaN.</summary>
    public static double Cdf(double x) => x <= -Tail ? Beyond(-x) : x >= Tail ? 1 - Beyond(x) : Middle(x);

    /// <summary>The share between two places; exact in either tail.</summary>
    public static double Mass(double from, double to) => from > 0 ? Cdf(-from) - Cdf(-to) : Cdf(to) - Cdf(from);

    /// <summary>The place below which the share <paramref name="p"/> is.</summary>
    public static double Quantile(double p)
    {
        if (p <= 0 || p >= 1)
        {
            return p <= 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }
        if (p > 0.5)
        {
            return -Quantile(1 - p);
        }
        double x = Approximate(p);
        for (int step = 0; step < 2; step++)
        {
            double error = (Cdf(x) - p) / Density(x);
            x -= error / (1 + (x * error / 2));
        }
        return x;
    }

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    // Marsaglia 2004: 1/2 + density * (x + x^3/3 + x^5/(3*5) + ...)
    private static double Middle(double x)
    {
        double sum = x, term = x;
        // NaN is unequal to itself, so that it would never end the series.
        for (int i = 3; sum + term != sum && !double.IsNaN(sum); i += 2)
        {
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + (sum * Density(x));
    }

    // The share above x: density / (x + 1/(x + 2/(x + 3/...)))
    private static double Beyond(double x)
    {
        double fraction = x;
        for (int n = Terms; n > 0; n--)
        {
            fraction = x + (n / fraction);
        }
        return Density(x) / fraction;
    }

    private static double Approximate(double p)
    {
        const double Low = 0.02425;
        if (p < Low)
        {
            double q = Math.Sqrt(-2 * Math.Log(p));
            return Polynomial(s_c, q) / ((Polynomial(s_d, q) * q) + 1);
        }
        double centred = p - 0.5, r = centred * centred;
        return Polynomial(s_a, r) * centred / ((Polynomial(s_b, r) * r) + 1);
    }

    /// <summary>Coefficients from the highest power down.</summary>
    private static double Polynomial(double[] coefficients, double x) =>
        coefficients.Aggregate(0.0, (sum, c) => (sum * x) + c);
}
