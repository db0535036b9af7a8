using System.Diagnostics;

namespace SpeechML.Sweeps.Tests.Reports;

/// <summary>A browser without a window, where one is installed.</summary>
internal static class Chromium
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>
    /// The page after its script has run, as the browser sees it; fails where the browser has anything to say about it.
    /// </summary>
    public static string Dump(string page, string profile, params string[] more)
    {
        string[] arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            $"--user-data-dir={profile}", "--virtual-time-budget=2000", "--enable-logging=stderr", "--dump-dom",
            .. more, new Uri(page).AbsoluteUri];
        using Process browser =
            Process.Start(new ProcessStartInfo(Program!, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            })!;
        Task<string> errors = browser.StandardError.ReadToEndAsync();
        Task<string> content = browser.StandardOutput.ReadToEndAsync();
        if (!browser.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            browser.Kill(entireProcessTree: true);
            Assert.Inconclusive("The browser did not end within 60 s.");
        }
        Assert.AreEqual(0, browser.ExitCode, errors.Result);
        Assert.DoesNotContain("CONSOLE", errors.Result, "The page wrote to the console.");
        return content.Result;
    }
}
