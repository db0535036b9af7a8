using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace SpeechML.TestSupport;

/// <summary>The sample ScoringService, as a user starts it.</summary>
internal sealed partial class ScoringServiceProcess(Process process, Uri address) : IDisposable
{
    public HttpClient Client { get; } = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };

    public static ScoringServiceProcess Start(string run, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [RepositoryFiles.ScoringService, "--urls", "http://127.0.0.1:0",
            "--Model", Path.Combine(run, "best", "model.zip"), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        Process process = Process.Start(start)!;
        string? line;
        while ((line = process.StandardOutput.ReadLine()) is not null)
        {
            if (Listening().Match(line) is { Success: true } address)
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new ScoringServiceProcess(process, new Uri(address.Groups[1].Value));
            }
        }
        throw new InvalidOperationException("Service: expected an address, got the end of its output.");
    }

    public async Task<string> Score(byte[] clip, HttpStatusCode expected)
    {
        using HttpResponseMessage answer = await Client.PostAsync("/score", new ByteArrayContent(clip));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.AreEqual(expected, answer.StatusCode, text);
        return text;
    }

    public void Dispose()
    {
        Client.Dispose();
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    [GeneratedRegex("Now listening on: (http://[0-9.:]+)")]
    private static partial Regex Listening();
}
