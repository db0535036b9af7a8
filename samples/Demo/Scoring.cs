using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Demo;

/// <summary>Saves models, has another process load them and score the test recordings, and compares.</summary>
internal static class Scoring
{
    public static bool SameInAnotherProcess(
        MLContext mlContext, DemoSettings settings, DataViewSchema schema, IDataView test,
        params (string File, ITransformer Model, string Column)[] models)
    {
        var jobs = new List<string>();
        var expected = new List<string[]>();
        string rows = Path.Combine(settings.OutputFolder, "test.csv");
        using (FileStream stream = File.Create(rows))
        {
            mlContext.Data.SaveAsText(
                mlContext.Transforms.SelectColumns(settings.Key, settings.Class).Fit(test).Transform(test), stream, ',',
                schema: false);
        }
        foreach ((string file, ITransformer model, string column) in models)
        {
            string zip = Path.Combine(settings.OutputFolder, file);
            mlContext.Model.Save(model, schema, zip);
            Console.WriteLine(FormattableString.Invariant($"    {zip}: {new FileInfo(zip).Length / 1e6:F1} MB"));
            jobs.Add(string.Join(
                '\t', zip, column, zip + ".scores", settings.Key, settings.Class, rows, settings.AudioFolder));
            expected.Add(Lines(model.Transform(test), column));
        }
        string list = Path.Combine(settings.OutputFolder, "jobs.tsv");
        File.WriteAllLines(list, jobs);
        string program = Environment.ProcessPath!, library = typeof(Scoring).Assembly.Location;
        // else the demo was started by its own program file
        bool host = Path.GetFileNameWithoutExtension(program) == "dotnet";
        using Process process =
            Process.Start(new ProcessStartInfo(program, host ? [library, "score", list] : ["score", list]))!;
        process.WaitForExit();
        return process.ExitCode == 0
            && jobs.Select((job, i) => File.ReadAllLines(job.Split('\t')[2]).SequenceEqual(expected[i]))
            .All(same => same);
    }

    /// <summary>The second process.</summary>
    public static int ScoreListed(string list)
    {
        foreach (string[] job in File.ReadAllLines(list).Select(line => line.Split('\t')))
        {
            var mlContext = new MLContext();
            // A zip names no folder of the machine that trained.
            ITransformer model =
                mlContext.Speech().WithAudioFolder(mlContext.Model.Load(job[0], out DataViewSchema schema), job[6]);
            IDataView test = mlContext.Data.LoadFromTextFile(
                job[5], [new TextLoader.Column(job[3], DataKind.String, 0),
                new TextLoader.Column(job[4], DataKind.String, 1)], separatorChar: ',', hasHeader: true,
                allowQuoting: true);
            File.WriteAllLines(job[2], Lines(model.Transform(test), job[1]));
        }
        return 0;
    }

    private static string[] Lines(IDataView scored, string column) =>
        [.. scored.GetColumn<float[]>(column)
            .Select(row => string.Join(' ', row.Select(v => v.ToString("R", CultureInfo.InvariantCulture))))];
}
