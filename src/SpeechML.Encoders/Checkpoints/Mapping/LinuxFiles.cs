using System.Runtime.InteropServices;

namespace SpeechML.Encoders.Checkpoints.Mapping;

/// <summary>Linux's functions for mapped files and leases on them; constants as in 64-bit Linux.</summary>
internal static unsafe partial class LinuxFiles
{
    public const int ReadLease = 0; // F_RDLCK
    public const int NoLease = 2; // F_UNLCK

    /// <summary>What the kernel sends when a lease is to be given up: a signal that is ignored by default.</summary>
    public const int Signal = 23; // SIGURG

    private const int Unlock = 8; // LOCK_UN
    private const int SetSignal = 10; // F_SETSIG
    private const int SetLease = 1024; // F_SETLEASE
    private const int GetLease = 1025; // F_GETLEASE
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int PrivateUnreserved = 0x4002; // MAP_PRIVATE | MAP_NORESERVE
    private const int Anonymous = 0x22; // MAP_PRIVATE | MAP_ANONYMOUS
    private const int NotNeeded = 4; // MADV_DONTNEED
    private const int MoveThere = 3; // MREMAP_MAYMOVE | MREMAP_FIXED

    private static readonly void* s_failed = (void*)-1;

    /// <summary>
    /// Gives up .NET's own lock on an open file, which .NET takes whatever sharing it is asked for, and by which
    /// another .NET program would refuse to write.
    /// </summary>
    public static void EndLock(int file) => _ = flock(file, Unlock);

    /// <summary>Takes a lease on a file that is open for reading.</summary>
    /// <returns>Whether it was given: not where the file belongs to another user, is open for writing or lies where
    /// the kernel does not see every writer (a network's disk).</returns>
    public static bool Lease(int file) =>
        fcntl(file, SetSignal, Signal) == 0 && fcntl(file, SetLease, ReadLease) == 0;

    /// <summary>Whether a lease still holds, and nobody waits for its end.</summary>
    public static bool Holds(int file) => fcntl(file, GetLease, 0) == ReadLease;

    public static void EndLease(int file) => _ = fcntl(file, SetLease, NoLease);

    /// <summary>
    /// A part of a file as memory of this process's own: what is written to it never reaches the file.
    /// </summary>
    /// <returns><see langword="null"/> where there is no room.</returns>
    public static byte* Map(int file, long offset, long length)
    {
        void* address = mmap(null, (nuint)length, ReadWrite, PrivateUnreserved, file, (nint)offset);
        return address == s_failed ? null : (byte*)address;
    }

    /// <summary>Gives the whole pages of a part of what is mapped back; reading them again gives what the file has.
    /// </summary>
    public static void Drop(byte* address, long length)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        nuint first = ((nuint)address + page - 1) / page * page, end = ((nuint)address + (nuint)length) / page * page;
        if (end > first)
        {
            _ = madvise((void*)first, end - first, NotNeeded);
        }
    }

    /// <summary>Puts a copy of its content in the place of what is mapped, at once for all threads.</summary>
    /// <returns>Whether there was memory for it.</returns>
    public static bool Detach(byte* address, long length)
    {
        void* copy = mmap(null, (nuint)length, ReadWrite, Anonymous, -1, 0);
        if (copy == s_failed)
        {
            return false;
        }
        Buffer.MemoryCopy(address, copy, length, length);
        return mremap(copy, (nuint)length, (nuint)length, MoveThere, address) != s_failed;
    }

    public static void Unmap(byte* address, long length) => _ = munmap(address, (nuint)length);

    [LibraryImport("libc")]
    private static partial int fcntl(int file, int command, int argument);

    [LibraryImport("libc")]
    private static partial int flock(int file, int operation);

    [LibraryImport("libc")]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport("libc")]
    private static partial void* mremap(void* old, nuint oldLength, nuint newLength, int flags, void* address);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);
}
