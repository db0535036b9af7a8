using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Seeds of named random streams: one number at the top, a stream of its own for every use, none disturbed by another.
/// </summary>
internal static class SeedStream
{
    /// <summary>The first 31 bits of SHA-256 over <c>seed/name</c>.</summary>
    public static int Derive(int seed, string name)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{name}")));
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash) & int.MaxValue);
    }

    /// <summary>A generator for one stream.</summary>
    public static Random Create(int seed, string name) => new(Derive(seed, name));
}
