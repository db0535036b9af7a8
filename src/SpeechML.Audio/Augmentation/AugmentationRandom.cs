using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SpeechML.Audio.Common;

namespace SpeechML;

/// <summary>
/// The random numbers of one clip in one epoch, or of one effect in it. They depend on seed, epoch and clip only, so
/// that neither the order of clips nor the number of threads matters. Children have streams of their own: an effect
/// that draws more does not change what its neighbours draw. Not thread-safe.
/// </summary>
public sealed class AugmentationRandom
{
    private readonly ulong _key;
    private readonly SeededRandom _stream;
    private double? _spareNormal;

    private AugmentationRandom(ulong key)
    {
        _key = key;
        _stream = new SeededRandom(key);
    }

    /// <summary>The stream of a clip: the first 64 bits of SHA-256 over <c>seed/augmentation/epoch/clip</c>.</summary>
    /// <param name="seed">Seed of the training run.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="clip">Number of the clip, from 0.</param>
    public static AugmentationRandom Create(int seed, long epoch, long clip)
    {
        byte[] hash = SHA256.HashData(
            Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/augmentation/{epoch}/{clip}")));
        return new AugmentationRandom(BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }

    /// <summary>The stream of a part; what was drawn here does not change it.</summary>
    /// <param name="index">Number of the part, from 0.</param>
    public AugmentationRandom Child(int index)
    {
        // Two rounds of the generator's own finaliser: nearby keys and indices give streams that do not overlap.
        ulong inner = new SeededRandom((ulong)index + 1).NextBits();
        return new AugmentationRandom(new SeededRandom(_key ^ inner).NextBits());
    }

    /// <summary>A number, uniform in [0, 1).</summary>
    public double NextDouble() => _stream.NextDouble();

    /// <summary>A number, uniform between two others.</summary>
    /// <param name="min">The smallest.</param>
    /// <param name="max">The greatest, exclusive.</param>
    public double Uniform(double min, double max) => min + ((max - min) * _stream.NextDouble());

    /// <summary>A whole number, each with equal probability.</summary>
    /// <param name="min">The smallest.</param>
    /// <param name="max">The greatest, inclusive.</param>
    public int Whole(int min, int max) =>
        (int)(min + (long)Math.BigMul(_stream.NextBits(), (ulong)((long)max - min + 1), out _));

    /// <summary>Puts items into a random order.</summary>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <param name="items">The items, which are moved.</param>
    public void Shuffle<T>(Span<T> items) => _stream.Shuffle(items);

    /// <summary>A number of the standard normal distribution (Box and Muller 1958).</summary>
    public double Normal()
    {
        if (_spareNormal is { } spare)
        {
            _spareNormal = null;
            return spare;
        }
        // 1 - u is in (0, 1]: its logarithm exists.
        double radius = Math.Sqrt(-2 * Math.Log(1 - _stream.NextDouble()));
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * _stream.NextDouble());
        _spareNormal = radius * sine;
        return radius * cosine;
    }
}
