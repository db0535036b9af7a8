using System.Globalization;

namespace SpeechML.Tool.Measuring;

/// <summary>
/// Writes measures: a row for each recording (undefined is an empty cell), their units beside it, contours as lines of
/// JSON.
/// </summary>
internal sealed class MeasureCsv : IDisposable
{
    private readonly StreamWriter _table;
    private readonly ContourLines? _contours;

    public MeasureCsv(string path, string? contours)
    {
        string units = Path.ChangeExtension(path, ".units.csv");
        File.WriteAllLines(units, VoiceMeasures.All
            .Select(m => $"{m.Name},{m.Unit},{m.Group},{Cell(m.Summary)}").Prepend("name,unit,group,summary"));
        _table = new StreamWriter(path) { NewLine = "\n" };
        _table.WriteLine(string.Join(',', VoiceMeasures.All.Select(m => m.Name).Prepend("file")));
        _contours = contours is null ? null : new ContourLines(contours);
    }

    /// <summary>Takes a recording; of one that was not measured nothing is written.</summary>
    public void Add(MeasuredFile file)
    {
        if (file.Values is null)
        {
            return;
        }
        _table.WriteLine(string.Join(',', file.Values
            .Select(v => double.IsNaN(v) ? "" : v.ToString("G9", CultureInfo.InvariantCulture))
            .Prepend(Cell(file.Name))));
        if (file.Analysis is not null)
        {
            _contours?.Add(file.Name, file.Analysis);
        }
    }

    public void Dispose()
    {
        _table.Dispose();
        _contours?.Dispose();
    }

    private static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
