namespace SpeechML.Audio.Sources;

/// <summary>Reads a provider to the end of a frame; what it ends with of another is left out.</summary>
internal static class WholeFrames
{
    /// <summary>Fills a span with an answer of the provider.</summary>
    public delegate int Reading<T>(Span<T> target);

    /// <summary>Takes one answer, and more only to complete its last frame.</summary>
    /// <param name="target">Room for whole frames.</param>
    /// <param name="size">Of a frame.</param>
    /// <param name="read">Reads the provider.</param>
    /// <returns>The number of frames; 0 at the provider's end.</returns>
    public static int Read<T>(Span<T> target, int size, Reading<T> read)
    {
        int count = target.IsEmpty ? 0 : Checked(read(target), target.Length);
        while (count % size != 0)
        {
            int more = Checked(read(target.Slice(count, size - (count % size))), size);
            if (more == 0)
            {
                break;
            }
            count += more;
        }
        return count / size;
    }

    private static int Checked(int read, int room) => read >= 0 && read <= room ? read
        : throw new InvalidOperationException(
            $"Provider of audio: expected it to fill 0 to {room} places, got {read} from its Read.");
}
