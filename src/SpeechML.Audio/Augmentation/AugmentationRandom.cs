using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SpeechML.Audio.Common;

namespace SpeechML.Audio.Augmentation;

/// <summary>
/// The random stream of one clip in one epoch, or of one effect in it. It depends on nothing but its key, so that
/// neither the order in which clips
/// come nor the number of threads matters; a parent's children have streams of their own, so that an effect that draws
/// more leaves its neighbours alone.
/// </summary>
internal sealed class AugmentationRandom
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
    public static AugmentationRandom Create(int seed, long epoch, long clip)
    {
        byte[] hash = SHA256.HashData(
            Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/augmentation/{epoch}/{clip}")));
        return new AugmentationRandom(BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }

    /// <summary>The stream of part number <paramref name="index"/>; not changed by what was drawn here.</summary>
    public AugmentationRandom Child(int index)
    {
        // Two rounds of the generator's own finaliser: nearby keys and indices give streams that do not overlap.
        ulong inner = new SeededRandom((ulong)index + 1).NextBits();
        return new AugmentationRandom(new SeededRandom(_key ^ inner).NextBits());
    }

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => _stream.NextDouble();

    /// <summary>A number between two others.</summary>
    public double Uniform(double min, double max) => min + ((max - min) * _stream.NextDouble());

    /// <summary>A whole number, both ends included.</summary>
    public int Whole(int min, int max) =>
        (int)(min + (long)Math.BigMul(_stream.NextBits(), (ulong)((long)max - min + 1), out _));

    /// <summary>Puts the items into a random order.</summary>
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
