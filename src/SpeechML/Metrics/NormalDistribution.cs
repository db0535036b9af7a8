namespace SpeechML.Metrics;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    // beyond, the distribution function is 0 or 1 in double precision
    private const double Far = 9;

    /// <summary>The distribution function, by the series of Marsaglia (2004): 1/2 + density * (x + x^3/3 + x^5/(3*5) + ...).</summary>
    public static double Cdf(double x)
    {
        if (Math.Abs(x) >= Far)
        {
            return x < 0 ? 0 : 1;
        }
        double sum = x, term = x;
        for (int i = 3; sum + term != sum; i += 2)
        {
            term *= x * x / i;
            sum += term;
        }
        return Math.Clamp(0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)), 0, 1);
    }

    /// <summary>The quantile of a share in (0, 1), by bisection.</summary>
    public static double Quantile(double share)
    {
        double low = -Far, high = Far;
        while (high - low > 1e-14)
        {
            double middle = (low + high) / 2;
            if (middle == low || middle == high)
            {
                break;
            }
            (low, high) = Cdf(middle) < share ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }
}
