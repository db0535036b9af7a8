using System.Diagnostics;
using System.Globalization;

namespace SpeechML.TestSupport;

/// <summary>Scores with a model zip in a fresh process whose program names nothing of SpeechML.</summary>
internal static class OtherProcess
{
    public static float[][] Score(string model, IEnumerable<string> paths, string column) =>
        Score(paths, (model, column)).Single();

    /// <summary>One after the other in one process, each with the column that is asked of it.</summary>
    public static float[][][] Score(IEnumerable<string> paths, params IReadOnlyList<(string Zip, string Column)> models)
    {
        string list = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(list, paths);
            var start = new ProcessStartInfo(
                "dotnet",
                [RepositoryFiles.ModelLoader, list, .. models.SelectMany(m => new[] { m.Zip, m.Column })])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode, errors.Result);
            float[][] rows = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ').Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray())];
            Assert.AreEqual(0, rows.Length % models.Count, output);
            return [.. rows.Chunk(rows.Length / models.Count)];
        }
        finally
        {
            File.Delete(list);
        }
    }
}
