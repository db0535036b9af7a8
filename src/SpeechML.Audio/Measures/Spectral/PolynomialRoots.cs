using System.Numerics;

namespace SpeechML.Audio.Measures.Spectral;

/// <summary>
/// All roots of a real polynomial at once (O. Aberth 1973, "Iteration methods for finding all zeros of a polynomial
/// simultaneously").
/// </summary>
internal static class PolynomialRoots
{
    private const int MaxSteps = 100;
    private const double Tolerance = 1e-13;

    /// <summary>The roots of z^n - a[1] z^(n-1) - … - a[n].</summary>
    /// <param name="coefficients">a[1 … n].</param>
    /// <param name="roots">Receives n roots.</param>
    public static void Find(ReadOnlySpan<double> coefficients, Span<Complex> roots)
    {
        int n = coefficients.Length;
        for (int i = 0; i < n; i++)
        {
            // Off the real axis and off any symmetry.
            roots[i] = Complex.FromPolarCoordinates(0.9, ((2 * Math.PI * i) + 0.7) / n);
        }
        for (int step = 0; step < MaxSteps; step++)
        {
            double moved = 0;
            for (int i = 0; i < n; i++)
            {
                Complex quotient = Newton(coefficients, roots[i]);
                Complex repulsion = Complex.Zero;
                for (int j = 0; j < n; j++)
                {
                    if (j != i)
                    {
                        repulsion += Inverse(roots[i] - roots[j]);
                    }
                }
                Complex shift = quotient * Inverse(Complex.One - (quotient * repulsion));
                if (!double.IsFinite(shift.Real) || !double.IsFinite(shift.Imaginary))
                {
                    continue;
                }
                roots[i] -= shift;
                moved = Math.Max(moved, Math.Abs(shift.Real) + Math.Abs(shift.Imaginary));
            }
            if (moved < Tolerance)
            {
                return;
            }
        }
    }

    /// <summary>p(z) / p'(z).</summary>
    private static Complex Newton(ReadOnlySpan<double> coefficients, Complex z)
    {
        double x = z.Real, y = z.Imaginary, re = 1, im = 0, slopeRe = 0, slopeIm = 0;
        foreach (double coefficient in coefficients)
        {
            (slopeRe, slopeIm) = ((slopeRe * x) - (slopeIm * y) + re, (slopeRe * y) + (slopeIm * x) + im);
            (re, im) = ((re * x) - (im * y) - coefficient, (re * y) + (im * x));
        }
        return new Complex(re, im) * Inverse(new Complex(slopeRe, slopeIm));
    }

    /// <summary>1 / z, without the care that <see cref="Complex"/> takes of overflow.</summary>
    private static Complex Inverse(Complex z)
    {
        double square = (z.Real * z.Real) + (z.Imaginary * z.Imaginary);
        return new Complex(z.Real / square, -z.Imaginary / square);
    }
}
