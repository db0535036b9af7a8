using System.Diagnostics;

namespace SpeechML.FFmpeg.Tests;

/// <summary>The installed ffmpeg, and programs that only look like it.</summary>
internal static class Program
{
    private static readonly Lazy<string?> s_installed = new(() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .FirstOrDefault(f => File.Exists(Path.Combine(f, OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg"))));

    /// <summary>The test is inconclusive where ffmpeg is not installed.</summary>
    public static void Need()
    {
        if (s_installed.Value is null)
        {
            Assert.Inconclusive("ffmpeg is not installed (apt-get install ffmpeg): nothing decodes these formats.");
        }
    }

    /// <summary>Runs ffmpeg as a user would, to make a file.</summary>
    /// <returns>Whether it has the encoder.</returns>
    public static bool Make(params string[] arguments)
    {
        Need();
        using Process process = Process.Start(new ProcessStartInfo(
            "ffmpeg", ["-hide_banner", "-nostdin", "-v", "error", "-y", .. arguments])
        {
            RedirectStandardError = true,
        })!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0 && !said.Contains("Unknown encoder", StringComparison.Ordinal))
        {
            Assert.Inconclusive($"This ffmpeg does not write the file: {said}");
        }
        return process.ExitCode == 0;
    }

    /// <summary>A folder with a program that answers as a version of ffmpeg does, and then runs a script.</summary>
    public static string Fake(string folder, string version, string script)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new AssertInconclusiveException("The stand-in for ffmpeg is a shell script.");
        }
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "ffmpeg");
        File.WriteAllText(
            file, $"#!/bin/sh\nif [ \"$1\" = -version ]; then echo \"{version}\"; exit 0; fi\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }

    /// <summary>Temporary files of this process that are left.</summary>
    public static string[] LeftFiles() =>
        Directory.GetFiles(Path.GetTempPath(), $"speechml-ffmpeg-{Environment.ProcessId}-*");
}
