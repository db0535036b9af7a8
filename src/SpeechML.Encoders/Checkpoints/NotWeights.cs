namespace SpeechML.Encoders.Checkpoints;

/// <summary>What a download that went wrong leaves in place of a weight file.</summary>
internal static class NotWeights
{
    /// <exception cref="CheckpointException">The file is empty, a Git LFS pointer or a web page.</exception>
    public static void ThrowIfNotWeights(ByteSource source, string expected)
    {
        Span<byte> head = stackalloc byte[(int)Math.Min(64, source.Length)];
        source.Read(0, head);
        string? got = head switch
        {
            [] => "an empty file",
            _ when head.StartsWith("version https://git-lfs"u8) || head.StartsWith("version git-lfs"u8) =>
                "a Git LFS pointer, which stands for the file where `git lfs pull` was not run",
            _ when head.StartsWith("<!DOCTYPE"u8) || head.StartsWith("<!doctype"u8) || head.StartsWith("<html"u8) =>
                "a web page, which a server sent instead of the file",
            _ => null,
        };
        if (got is not null)
        {
            throw new CheckpointException(source.Name, null, expected, got);
        }
    }
}
