using System.Buffers.Binary;
using System.Numerics;
using SpeechML.Audio.Storage;

namespace SpeechML.Runs.TensorBoard;

/// <summary>TFRecord: length (8 bytes), its masked CRC-32C, the data, its masked CRC-32C; little-endian.</summary>
internal static class EventRecords
{
    private const uint MaskDelta = 0xA282EAD8; // tensorflow/core/lib/hash/crc32c.h

    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Mask(Crc32C.Compute(head[..8])));
        stream.Write(head);
        stream.Write(data);
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Mask(Crc32C.Compute(data)));
        stream.Write(tail);
    }

    /// <summary>A checksum of data that holds checksums is weak: TFRecord rotates it and adds a constant.</summary>
    public static uint Mask(uint crc) => BitOperations.RotateRight(crc, 15) + MaskDelta;
}
