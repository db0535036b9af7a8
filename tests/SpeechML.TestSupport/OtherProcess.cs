using System.Diagnostics;
using System.Globalization;

namespace SpeechML.TestSupport;

/// <summary>Scores with a model zip in a fresh process whose program names nothing of SpeechML.</summary>
internal static class OtherProcess
{
    public static float[][] Score(string model, IEnumerable<string> paths, string column)
    {
        string list = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(list, paths);
            var start = new ProcessStartInfo(
                "dotnet", [RepositoryFiles.ModelLoader, model, list, column])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode, errors.Result);
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ').Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray())];
        }
        finally
        {
            File.Delete(list);
        }
    }
}
