using System.Runtime.InteropServices;

namespace SpeechML.Audio.Formats.SndFile;

/// <summary>
/// libsndfile (LGPL 2.1, https://libsndfile.github.io/libsndfile/), found at run time. Its functions are called through
/// their addresses, so that the
/// process needs it only where a file does.
/// </summary>
internal sealed unsafe class SndFileLibrary
{
    /// <summary>Names another file for the library than the usual ones.</summary>
    public const string PathVariable = "SPEECHML_LIBSNDFILE";

    private static readonly Lazy<SndFileLibrary> s_default = new(() => Load(UsualNames()));

    private readonly delegate* unmanaged<VirtualFile*, int, FileFacts*, void*, void*> _open;
    private readonly delegate* unmanaged<void*, float*, long, long> _readFrames;
    private readonly delegate* unmanaged<void*, int> _error;
    private readonly delegate* unmanaged<void*, byte*> _message;
    private readonly delegate* unmanaged<void*, int> _close;

    private SndFileLibrary(nint library, IReadOnlyList<string> tried)
    {
        Tried = tried;
        IsAvailable = library != 0;
        if (IsAvailable)
        {
            _open = (delegate* unmanaged<VirtualFile*, int, FileFacts*, void*, void*>)NativeLibrary.GetExport(
                library, "sf_open_virtual");
            _readFrames = (delegate* unmanaged<void*, float*, long, long>)NativeLibrary.GetExport(library,
                "sf_readf_float");
            _error = (delegate* unmanaged<void*, int>)NativeLibrary.GetExport(library, "sf_error");
            _message = (delegate* unmanaged<void*, byte*>)NativeLibrary.GetExport(library, "sf_strerror");
            _close = (delegate* unmanaged<void*, int>)NativeLibrary.GetExport(library, "sf_close");
        }
    }

    /// <summary>The library of this process, looked for once.</summary>
    public static SndFileLibrary Default => s_default.Value;

    /// <summary>Whether the library was found.</summary>
    public bool IsAvailable { get; }

    /// <summary>The names that were looked for.</summary>
    public IReadOnlyList<string> Tried { get; }

    /// <summary>Loads the first library of these names that exists.</summary>
    public static SndFileLibrary Load(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, typeof(SndFileLibrary).Assembly, null, out nint library))
            {
                return new SndFileLibrary(library, names);
            }
        }
        return new SndFileLibrary(0, names);
    }

    /// <summary>The error where the library is needed and absent.</summary>
    /// <param name="name">The file.</param>
    /// <param name="format">What is to be decoded, in words.</param>
    public AudioException Missing(string name, string format) => new(AudioErrorKind.DecoderMissing, name,
        $"expected libsndfile to decode {format}, got none of " +
        $"{string.Join(", ", Tried.Select(t => $"'{t}'"))}. Install it: 'apt-get install libsndfile1' (Debian, " +
        $"Ubuntu), "
        + $"'dnf install libsndfile' (Fedora, RHEL), 'brew install libsndfile' (macOS), 'vcpkg install libsndfile' " +
            $"(Windows); or name the file in the environment variable {PathVariable}. WAV (PCM, float, A-law, " +
            "mu-law) and FLAC need no library.");

    public void* Open(VirtualFile* file, FileFacts* facts, void* user)
    {
        const int ReadMode = 0x10; // SFM_READ
        return _open(file, ReadMode, facts, user);
    }

    public long ReadFrames(void* handle, float* target, long frames) => _readFrames(handle, target, frames);

    /// <summary>
    /// The error code of an open file, or of the last failed open where the handle is null; 0 for none.
    /// </summary>
    public int Error(void* handle) => _error(handle);

    public string Message(void* handle) =>
        (Marshal.PtrToStringUTF8((nint)_message(handle)) ?? "unknown error").TrimEnd('.', ' ');

    public void Close(void* handle) => _ = _close(handle);

    private static string[] UsualNames()
    {
        string[] usual = OperatingSystem.IsWindows() ? ["sndfile.dll", "libsndfile-1.dll", "libsndfile.dll"]
            : OperatingSystem.IsMacOS()
                ? ["libsndfile.1.dylib", "libsndfile.dylib", "/opt/homebrew/lib/libsndfile.dylib",
                "/usr/local/lib/libsndfile.dylib"]
            : ["libsndfile.so.1", "libsndfile.so"];
        return Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named ? [named, .. usual] : usual;
    }

    /// <summary><c>SF_INFO</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileFacts
    {
        public long Frames;
        public int SampleRate;
        public int Channels;
        public int Format;
        public int Sections;
        public int Seekable;
    }

    /// <summary><c>SF_VIRTUAL_IO</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct VirtualFile
    {
        public delegate* unmanaged<void*, long> Length;
        public delegate* unmanaged<long, int, void*, long> Seek;
        public delegate* unmanaged<void*, long, void*, long> Read;
        public delegate* unmanaged<void*, long, void*, long> Write;
        public delegate* unmanaged<void*, long> Tell;
    }
}
