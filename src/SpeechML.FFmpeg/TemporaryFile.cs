namespace SpeechML.FFmpeg;

/// <summary>A file for one use, which only its owner can read and which does not outlive it.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile()
    {
        Path = System.IO.Path.Combine(
            System.IO.Path.GetTempPath(),
            $"speechml-ffmpeg-{Environment.ProcessId}-{System.IO.Path.GetRandomFileName()}");
        Create().Dispose();
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Copies a stream into it, from its position.</summary>
    public void Fill(Stream content)
    {
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.Read);
        content.CopyTo(stream);
    }

    /// <summary>Opens it for reading: from then on it is there for this stream only.</summary>
    public FileStream Take() => new(
        Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.DeleteOnClose);

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows() || !IsOpen())
        {
            File.Delete(Path);
        }
    }

    /// <summary>On Windows what is open goes when it is closed.</summary>
    private bool IsOpen()
    {
        try
        {
            using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private FileStream Create()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new FileStream(Path, options);
    }
}
