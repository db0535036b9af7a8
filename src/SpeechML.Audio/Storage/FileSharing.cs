namespace SpeechML.Audio.Storage;

/// <summary>Tells a file that another process holds from one that cannot be opened.</summary>
internal static class FileSharing
{
    /// <summary>Whether opening a file failed because another holds it.</summary>
    public static bool IsViolation(IOException error)
    {
        // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION as HRESULTs.
        const int SharingViolation = unchecked((int)0x80070020);
        const int LockViolation = unchecked((int)0x80070021);
        // EWOULDBLOCK of flock; on Linux it is EAGAIN, 11, on macOS and BSD 35.
        const int LinuxWouldBlock = 11;
        const int BsdWouldBlock = 35;
        return OperatingSystem.IsWindows() ? error.HResult is SharingViolation or LockViolation
            : error.HResult == (OperatingSystem.IsLinux() ? LinuxWouldBlock : BsdWouldBlock);
    }
}
