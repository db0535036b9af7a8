using System.Numerics;

namespace SpeechML.Audio;

/// <summary>A radix-2 fast Fourier transform in double, for lengths that are powers of two.</summary>
internal sealed class FourierTransform
{
    private readonly Complex[] _roots;
    private readonly Complex[] _values;

    /// <param name="length">A power of two.</param>
    public FourierTransform(int length)
    {
        if (!BitOperations.IsPow2(length))
        {
            throw new ArgumentException($"Fourier transform: expected a length that is a power of two, got {length}.", nameof(length));
        }
        _values = new Complex[length];
        _roots = new Complex[Math.Max(1, length / 2)];
        for (int k = 0; k < _roots.Length; k++)
        {
            _roots[k] = Complex.FromPolarCoordinates(1, -2 * Math.PI * k / length);
        }
    }

    /// <summary>The spectrum of real values, followed by zeros where they are fewer than the length. Valid until the next call.</summary>
    public ReadOnlySpan<Complex> Transform(ReadOnlySpan<double> values)
    {
        int length = _values.Length;
        int shift = 32 - BitOperations.Log2((uint)length);
        for (int i = 0; i < length; i++)
        {
            _values[length == 1 ? 0 : (int)(Reverse((uint)i) >> shift)] = i < values.Length ? values[i] : 0;
        }
        for (int size = 2, stride = length / 2; size <= length; size *= 2, stride /= 2)
        {
            for (int from = 0; from < length; from += size)
            {
                for (int k = 0; k < size / 2; k++)
                {
                    Complex even = _values[from + k], odd = _values[from + k + (size / 2)] * _roots[k * stride];
                    _values[from + k] = even + odd;
                    _values[from + k + (size / 2)] = even - odd;
                }
            }
        }
        return _values;
    }

    private static uint Reverse(uint v)
    {
        v = ((v >> 1) & 0x55555555) | ((v & 0x55555555) << 1);
        v = ((v >> 2) & 0x33333333) | ((v & 0x33333333) << 2);
        v = ((v >> 4) & 0x0F0F0F0F) | ((v & 0x0F0F0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(v);
    }
}
