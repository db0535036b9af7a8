namespace SpeechML;

/// <summary>What a store knows about an object.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Generation">The version: another number whenever the content was written anew. Of a file on a disk, the
/// time it was last written to (ticks, UTC).</param>
/// <param name="Crc32C">The checksum of its bytes (CRC-32C, Castagnoli); <see langword="null"/> where the store keeps
/// none, as a disk.</param>
public sealed record StoredObject(string Address, long Size, long Generation, uint? Crc32C);
