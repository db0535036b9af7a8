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
            string output = ChildProgram.Succeed(
                RepositoryFiles.ModelLoader, [list, .. models.SelectMany(m => new[] { m.Zip, m.Column })]);
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
