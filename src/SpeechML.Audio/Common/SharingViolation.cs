namespace SpeechML.Audio.Common;

/// <summary>Whether a file could not be opened because somebody else has it open.</summary>
internal static class SharingViolation
{
    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION as HRESULTs.
    private const int WindowsSharing = unchecked((int)0x80070020), WindowsLock = unchecked((int)0x80070021);

    // EWOULDBLOCK, the answer of flock; .NET hands errno on.
    private const int Linux = 11, Mac = 35;

    /// <summary>
    /// A full, read-only or failing disk is none: who waits for it to be free waits for ever.
    /// </summary>
    public static bool Is(Exception e) => e is IOException && (OperatingSystem.IsWindows()
        ? e.HResult is WindowsSharing or WindowsLock
        : e.HResult == (OperatingSystem.IsLinux() ? Linux : Mac));
}
