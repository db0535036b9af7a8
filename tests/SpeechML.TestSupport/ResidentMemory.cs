namespace SpeechML.TestSupport;

/// <summary>Memory of this process at its peak, native too; 0 where the system does not say.</summary>
internal static class ResidentMemory
{
    private const string Field = "VmHWM:";

    /// <summary>Bytes at the peak since <see cref="ResetPeak"/>.</summary>
    public static long Peak => !OperatingSystem.IsLinux() ? 0 : 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith(Field, StringComparison.Ordinal))
            [Field.Length..^"kB".Length].Trim(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Makes the memory of now the peak.</summary>
    public static void ResetPeak()
    {
        if (OperatingSystem.IsLinux())
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
    }
}
