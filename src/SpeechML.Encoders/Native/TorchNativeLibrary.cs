using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using SpeechML.Encoders.Native;

namespace SpeechML;

/// <summary>
/// Makes TorchSharp's native library load. Two things stand in its way on some machines:
/// <list type="bullet">
/// <item>TorchSharp's <c>libLibTorchSharp.so</c> wants <c>GLIBCXX_3.4.32</c> (GCC 13), which Debian 12, Ubuntu 22.04
/// and RHEL 9 lack, for
/// one symbol. There a patched copy (see <see cref="GlibcxxPatch"/>) is made in a cache folder and loaded
/// instead.</item>
/// <item>A libtorch obtained otherwise (say, a CUDA build) may be named by the environment variable
/// <see cref="LibTorchVariable"/>; its libraries are then loaded before TorchSharp looks for its own.</item>
/// </list>
/// Nothing needs to be called: the first native load of TorchSharp that fails comes here.
/// <see cref="EnsureLoaded"/> does the same at once, with a clear error.
/// </summary>
public static class TorchNativeLibrary
{
    /// <summary>
    /// Environment variable that names a folder with libtorch's shared libraries (<c>libtorch_cpu.so</c>,
    /// <c>libc10.so</c>, ...).
    /// </summary>
    public const string LibTorchVariable = "SPEECHML_LIBTORCH";

    /// <summary>
    /// Environment variable that names the folder in which a patched copy is kept (default: the user's cache folder).
    /// </summary>
    public const string CacheVariable = "SPEECHML_CACHE";

    private const string TorchSharpLibrary = "libLibTorchSharp.so";

    private static readonly Lock s_lock = new();
    private static IntPtr s_handle;
    private static bool s_loaded;
    private static int s_begun;

#pragma warning disable CA2255 // Registers one event handler; users must not have to call anything before torch.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register()
    {
        if (OperatingSystem.IsLinux())
        {
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
                name.Contains("LibTorchSharp", StringComparison.Ordinal) ? LoadOnLinux() : IntPtr.Zero;
        }
    }

    /// <summary>
    /// Begins to load the native libraries on another thread, where this library finds them itself: of half a gigabyte
    /// the loader relocates much, while the caller does what needs none of it. An error is thrown by the first use.
    /// </summary>
    internal static void BeginLoading()
    {
        if (!OperatingSystem.IsLinux() || Interlocked.Exchange(ref s_begun, 1) != 0)
        {
            return;
        }
        _ = Task.Run(() =>
        {
            try
            {
                // TorchSharp's own classes are not touched: whoever starts them may wait for the lock that is held.
                if (s_handle == IntPtr.Zero && !NativeSearchFolders().Any(HasCuda))
                {
                    LoadOnLinux();
                }
            }
            catch (Exception error) when (error is DllNotFoundException or IOException
                or UnauthorizedAccessException or InvalidOperationException)
            {
                // The first use of torch says what is wrong.
            }
        });
    }

    /// <summary>Loads the native libraries and starts TorchSharp, if that has not happened yet.</summary>
    /// <exception cref="DllNotFoundException">The native libraries cannot be found or loaded; the message says which,
    /// and what to do.</exception>
    public static void EnsureLoaded()
    {
        SignalStacks.Apply();
        lock (s_lock)
        {
            if (s_loaded)
            {
                return;
            }
            AllocatorSettings.Apply();
            string? folder = NamedFolder();
            if (folder is not null && OperatingSystem.IsLinux())
            {
                CheckNoSecondLibTorch(folder);
                LoadOnLinux();
            }
            else if (folder is not null)
            {
                NativeLibrary.Load(Path.Combine(folder, LibTorchFile));
            }
            else
            {
                CheckPresent();
            }
            try
            {
                _ = TorchSharp.torch.get_num_threads();
            }
            catch (Exception e) when (e is NotSupportedException or TypeInitializationException or DllNotFoundException)
            {
                throw new DllNotFoundException(
                    $"TorchSharp's native library could not be loaded with the libtorch " +
                    $"{(folder is null ? "beside the application" : $"of {LibTorchVariable} ('{folder}')")}. " +
                    $"{Remedy} " +
                    $"The loader says: {FirstLine(e.GetBaseException().Message)}",
                    e.GetBaseException());
            }
            if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libtorch_cpu.so", out IntPtr libtorchCpu))
            {
                NnpackSwitch.TurnOff(libtorchCpu);
            }
            s_loaded = true;
        }
    }

    private static string LibTorchFile => OperatingSystem.IsWindows() ? "torch_cpu.dll"
        : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";

    private static string Platform =>
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-" +
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    private static string Remedy =>
        $"Add one package to the application: SpeechML.Cpu, or TorchSharp-cpu, TorchSharp-cuda-linux or " +
        $"TorchSharp-cuda-windows in version {TorchSharpVersion}; or let {LibTorchVariable} name the folder of a " +
        $"libtorch 2.10.";

    private static string TorchSharpVersion =>
        typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3) ?? "0.107.0";

    /// <summary>
    /// Before TorchSharp looks for a libtorch: where there is none it would copy half a gigabyte in vain and print a
    /// hundred lines.
    /// </summary>
    private static void CheckPresent()
    {
        // In a notebook, assemblies lie in the package cache, where TorchSharp looks for libtorch itself.
        bool isNotebook = typeof(TorchSharp.torch).Assembly.Location.Replace('\\', '/')
            .Contains("/torchsharp/", StringComparison.OrdinalIgnoreCase);
        if (!isNotebook && !NativeSearchFolders().Any(f => File.Exists(Path.Combine(f, LibTorchFile)))
            && !NativeLibrary.TryLoad(LibTorchFile, out _))
        {
            throw new DllNotFoundException(
                $"libtorch, which does the computing, is missing: expected {LibTorchFile} beside the " +
                $"application, found none. {Remedy}");
        }
    }

    /// <summary>TorchSharp loads those of CUDA in an order of its own.</summary>
    private static bool HasCuda(string folder) => File.Exists(Path.Combine(folder, "libtorch_cuda.so"));

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();

    private static string? NamedFolder()
    {
        string? folder = Environment.GetEnvironmentVariable(LibTorchVariable);
        if (string.IsNullOrEmpty(folder))
        {
            return null;
        }
        if (!File.Exists(Path.Combine(folder, LibTorchFile)))
        {
            throw new DllNotFoundException(
                $"{LibTorchVariable}: expected a folder that holds {LibTorchFile}, got '{folder}'. Name the 'lib' " +
                $"folder of a libtorch 2.10 or of a Python PyTorch 2.10.");
        }
        return folder;
    }

    /// <summary>
    /// TorchSharp loads a libtorch_cpu that lies beside the application by its full path: with another one loaded
    /// before, the process would hold two.
    /// </summary>
    private static void CheckNoSecondLibTorch(string folder)
    {
        string? own = NativeSearchFolders().Select(f => Path.Combine(f, "libtorch_cpu.so")).FirstOrDefault(File.Exists);
        if (own is not null && !SameFile(own, Path.Combine(folder, "libtorch_cpu.so")))
        {
            throw new DllNotFoundException(
                $"{LibTorchVariable} names '{folder}', but the application carries its own libtorch ('{own}'). " +
                "Expected only one: build with -p:TorchBackend=none to carry none, or unset the variable.");
        }
    }

    private static bool SameFile(string a, string b) => Resolve(a) == Resolve(b);

    private static string Resolve(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    private static IEnumerable<string> NativeSearchFolders() =>
        ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append(AppContext.BaseDirectory)
        .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", Platform, "native"));

    private static IntPtr LoadOnLinux()
    {
        lock (s_lock)
        {
            if (s_handle != IntPtr.Zero)
            {
                return s_handle;
            }
            AllocatorSettings.Apply();
            string original = NativeSearchFolders().Select(f => Path.Combine(f, TorchSharpLibrary))
                .FirstOrDefault(File.Exists)
                ?? throw new DllNotFoundException(
                    $"{TorchSharpLibrary}: expected it beside the application (package TorchSharp), found it in none " +
                    $"of: {string.Join(", ", NativeSearchFolders())}.");
            string libtorch = NamedFolder()
                ?? NativeSearchFolders().FirstOrDefault(f => File.Exists(Path.Combine(f, "libtorch_cpu.so")))
                ?? throw new DllNotFoundException(
                    $"libtorch, which does the computing, is missing: expected {LibTorchFile} beside the " +
                    $"application, found none. {Remedy}");

            AllocatorSettings.ReserveForLoading();
            // The order of their dependencies; each is found by its SONAME afterwards.
            foreach (string pattern in (string[])["libgomp*.so*", "libc10.so", "libc10_cuda.so", "libtorch_cpu.so",
                "libtorch_cuda.so", "libtorch.so"])
            {
                foreach (string file in Directory.GetFiles(libtorch, pattern).Order(StringComparer.Ordinal))
                {
                    IntPtr handle = NativeLibrary.Load(file);
                    if (pattern == "libtorch_cpu.so")
                    {
                        NnpackSwitch.TurnOff(handle);
                    }
                }
            }
            if (!NativeLibrary.TryLoad(original, out s_handle))
            {
                s_handle = NativeLibrary.Load(PatchedCopy(original));
            }
            return s_handle;
        }
    }

    private static string PatchedCopy(string original)
    {
        byte[] image = File.ReadAllBytes(original);
        string hash = Convert.ToHexStringLower(SHA256.HashData(image))[..16];
        string folder = Path.Combine(CacheFolder(), "native", hash);
        string copy = Path.Combine(folder, TorchSharpLibrary);
        if (File.Exists(copy) && new FileInfo(copy).Length == image.Length)
        {
            return copy;
        }
        GlibcxxPatch.Apply(image, original);
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, $"{TorchSharpLibrary}.{Environment.ProcessId}.tmp");
        File.WriteAllBytes(temporary, image);
        File.Move(temporary, copy, overwrite: true);
        return copy;
    }

    private static string CacheFolder()
    {
        string? named = Environment.GetEnvironmentVariable(CacheVariable);
        if (!string.IsNullOrEmpty(named))
        {
            return named;
        }
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return string.IsNullOrEmpty(local) ? Path.Combine(Path.GetTempPath(), $"speechml-{Environment.UserName}")
            : Path.Combine(local, "SpeechML");
    }
}
