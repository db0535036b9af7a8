using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SpeechML.Encoders.Kernels;

namespace SpeechML.Encoders.Checkpoints.Mapping;

/// <summary>
/// A part of a file that tensors lie in without a copy, so that processes share its pages. A file that is cut while it
/// is mapped ends the process, and one that is written over changes the weights. So only what Linux gives a lease on is
/// mapped: before anybody opens the file for writing or cuts it, this process is told, and the other one waits until
/// the mapped pages are copied. A file that is deleted or replaced by another of its name stays as it is until it is
/// unmapped. Everywhere else weights are read into memory.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly Lock s_lock = new();
    private static readonly List<MappedFile> s_all = [];
    private static PosixSignalRegistration? s_signal;
    private static Thread? s_watch;

    private readonly SafeFileHandle _file;
    private readonly byte* _start; // of the page
    private readonly long _mapped; // from there
    private int _references = 1;
    private bool _isLeased = true;

    private MappedFile(SafeFileHandle file, byte* start, long mapped, long skipped)
    {
        _file = file;
        _start = start;
        _mapped = mapped;
        Address = start + skipped;
    }

    /// <summary>Where the part's first byte lies.</summary>
    public byte* Address { get; }

    /// <summary>Whether the pages are the file's; not, once somebody was to write to it.</summary>
    public bool IsLeased
    {
        get
        {
            lock (s_lock)
            {
                return _isLeased;
            }
        }
    }

    /// <summary>Maps a part of an open file; <see langword="null"/> where that is not safe.</summary>
    /// <param name="file">The file; it may be closed afterwards.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes; all must be there.</param>
    public static MappedFile? TryOpen(SafeFileHandle file, long offset, long length)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || length <= 0 || !FastPaths.Mapping)
        {
            return null;
        }
        SafeFileHandle? own = Reopen(file);
        if (own is null)
        {
            return null;
        }
        lock (s_lock)
        {
            s_signal ??= PosixSignalRegistration.Create((PosixSignal)LinuxFiles.Signal, OnSignal);
            int number = (int)own.DangerousGetHandle();
            LinuxFiles.EndLock(number);
            if (LinuxFiles.Lease(number) && RandomAccess.GetLength(own) >= offset + length)
            {
                long skipped = offset % Environment.SystemPageSize;
                byte* start = LinuxFiles.Map(number, offset - skipped, length + skipped);
                if (start != null)
                {
                    var mapped = new MappedFile(own, start, length + skipped, skipped);
                    s_all.Add(mapped);
                    Watch();
                    return mapped;
                }
            }
        }
        own.Dispose();
        return null;
    }

    /// <summary>
    /// Lets the pages of a part go that nobody reads now, where it lies in a mapped file: they would count as this
    /// process's memory as long as any tensor of the file is there.
    /// </summary>
    /// <param name="address">The part's first byte.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="comeAgain">Whether they may be read again: not dropped then once they are copies in memory.</param>
    public static void Drop(void* address, long length, bool comeAgain = false)
    {
        lock (s_lock)
        {
            byte* start = (byte*)address;
            if (s_all.Find(m => start >= m._start && start + length <= m._start + m._mapped) is { } file
                && (file._isLeased || !comeAgain))
            {
                LinuxFiles.Drop(start, length);
            }
        }
    }

    /// <summary>For one more user of the address; <see cref="OnRelease"/> ends it.</summary>
    public void AddReference()
    {
        lock (s_lock)
        {
            _references++;
        }
    }

    /// <summary>For native code: somebody no longer uses what lies at an address.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void OnRelease(void* address)
    {
        lock (s_lock)
        {
            s_all.Find(m => address >= m._start && address < m._start + m._mapped)?.Release();
        }
    }

    /// <summary>Unmaps it, once nobody else uses it.</summary>
    public void Dispose()
    {
        lock (s_lock)
        {
            Release();
        }
    }

    /// <summary>
    /// The same file, whatever its name has become, without a lock of ours that others would wait for.
    /// </summary>
    private static SafeFileHandle? Reopen(SafeFileHandle file)
    {
        try
        {
            return File.OpenHandle(
                FormattableString.Invariant($"/proc/self/fd/{file.DangerousGetHandle()}"), FileMode.Open,
                FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // no /proc, or a file that cannot be opened again
        }
    }

    private static void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        GiveUp();
    }

    /// <summary>
    /// .NET handles the signal on its thread pool, which may be full for longer than the kernel waits: a thread of its
    /// own looks, too, while anything is mapped.
    /// </summary>
    private static void Watch()
    {
        if (s_watch is not null)
        {
            return;
        }
        s_watch = new Thread(() =>
        {
            while (true)
            {
                Thread.Sleep(s_pause);
                lock (s_lock)
                {
                    if (s_all.Count == 0)
                    {
                        s_watch = null;
                        return;
                    }
                }
                GiveUp();
            }
        })
        { IsBackground = true, Name = "SpeechML leases" };
        s_watch.UnsafeStart();
    }

    /// <summary>Where somebody waits for a file, its pages are copied, and it is free.</summary>
    private static void GiveUp()
    {
        lock (s_lock)
        {
            foreach (MappedFile one in s_all)
            {
                int number = (int)one._file.DangerousGetHandle();
                if (one._isLeased && !LinuxFiles.Holds(number)
                    && LinuxFiles.Detach(one._start, one._mapped))
                {
                    one._isLeased = false;
                    LinuxFiles.EndLease(number);
                }
            }
        }
    }

    private void Release()
    {
        if (--_references == 0)
        {
            s_all.Remove(this);
            LinuxFiles.Unmap(_start, _mapped);
            _file.Dispose(); // and with it the lease
        }
    }
}
