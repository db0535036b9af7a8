using System.Runtime.InteropServices;

namespace SpeechML.Training.Caching;

/// <summary>
/// Float arrays by number: in memory up to a limit, beyond it in a temporary file that goes with the store. Keeps
/// decoded clips and frozen activations
/// between epochs, so that memory does not grow with the number of clips.
/// </summary>
internal sealed class ArrayStore(long memoryLimit) : IDisposable
{
    private readonly List<(Array? Values, long Offset, int Length, bool IsHalf)> _entries = [];
    private FileStream? _file;
    private long _inMemory;

    public int Count => _entries.Count;

    /// <summary>Bytes held in the temporary file.</summary>
    public long FileBytes => _file?.Length ?? 0;

    public int Add(float[] values) => Add(values, MemoryMarshal.AsBytes(values.AsSpan()), values.Length, isHalf: false);

    /// <summary>Keeps an activation; one in bfloat16 takes half the room.</summary>
    public int Add(Activation activation)
    {
        if (activation.Rounding != TorchSharp.torch.ScalarType.BFloat16)
        {
            return Add(activation.Values);
        }
        ushort[] halves = UpperHalves.Of(activation.Values);
        return Add(halves, MemoryMarshal.AsBytes(halves.AsSpan()), halves.Length, isHalf: true);
    }

    private int Add(Array values, ReadOnlySpan<byte> bytes, int length, bool isHalf)
    {
        if (_inMemory + bytes.Length <= memoryLimit)
        {
            _inMemory += bytes.Length;
            _entries.Add((values, 0, length, isHalf));
        }
        else
        {
            _file ??= new FileStream(
                Path.Combine(Path.GetTempPath(), $"speechml-{Guid.NewGuid():N}.tmp"),
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 0, // a buffer would be written once more when a full disk ends the fit
                FileOptions.DeleteOnClose);
            long offset = _file.Seek(0, SeekOrigin.End);
            try
            {
                _file.Write(bytes);
            }
            catch (IOException e)
            {
                throw new IOException(
                    $"Temporary file '{_file.Name}' of clips that memory does not hold could not be written. " +
                    $"{e.Message} Make room, raise Cache.Memory, or name another folder for temporary files.", e);
            }
            _entries.Add((null, offset, length, isHalf));
        }
        return _entries.Count - 1;
    }

    public int LengthOf(int index) => _entries[index].Length;

    /// <summary>Copies array number <paramref name="index"/> to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(int index, Span<float> destination)
    {
        (Array? values, long offset, int length, bool isHalf) = _entries[index];
        if (values is float[] whole)
        {
            whole.CopyTo(destination);
            return;
        }
        if (isHalf)
        {
            ushort[] halves = values as ushort[] ?? new ushort[length];
            if (values is null)
            {
                _file!.Position = offset;
                _file.ReadExactly(MemoryMarshal.AsBytes(halves.AsSpan()));
            }
            UpperHalves.Widen(halves, destination);
            return;
        }
        _file!.Position = offset;
        _file.ReadExactly(MemoryMarshal.AsBytes(destination[..length]));
    }

    public float[] Get(int index)
    {
        if (_entries[index].Values is float[] kept)
        {
            return kept;
        }
        float[] values = new float[LengthOf(index)];
        CopyTo(index, values);
        return values;
    }

    public void Dispose() => _file?.Dispose();
}
