using System.Globalization;
using System.Text;
using SpeechML.Data.Metadata;
using SpeechML.Runs;

namespace SpeechML;

/// <summary>What a model said about one label (or class) of one clip: a row of <c>predictions.csv</c>.</summary>
/// <param name="AudioKey">Names the clip.</param>
/// <param name="Subject">Who speaks; empty where unknown.</param>
/// <param name="Label">The label, the class, or the name of the number.</param>
/// <param name="Probability">The model's probability; <see langword="null"/> for a number.</param>
/// <param name="Rating">The rating behind the truth, or the true number; <see langword="null"/> where not rated or
/// unknown.</param>
/// <param name="Split">The part of the data.</param>
/// <param name="Target">The truth: 1 or 0 (of classes: 1 for the right one), or the number; <see langword="null"/>
/// where not rated.</param>
/// <param name="Prediction">The model's decision, 1 or 0, or its number.</param>
public sealed record RunPrediction(
    string AudioKey, string Subject, string Label, double? Probability, double? Rating, string Split, double? Target,
    double Prediction)
{
    private const string Header = "audioKey,subject,label,probability,rating,split,target,prediction";

    /// <summary>The clip's column in files of earlier versions.</summary>
    private const string FormerKey = "uid,";

    internal static void Write(string path, IEnumerable<RunPrediction> predictions) => RunFiles.Write(path, stream =>
    {
        using var writer = new StreamWriter(
            stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        { NewLine = "\n" };
        writer.WriteLine(Header);
        foreach (RunPrediction p in predictions)
        {
            writer.WriteLine(CsvFile.Line(
                [p.AudioKey, p.Subject, p.Label, p.Probability, p.Rating, p.Split, p.Target, p.Prediction]));
        }
    });

    internal static List<RunPrediction> Read(string path)
    {
        var predictions = new List<RunPrediction>();
        if (!StoragePath.Exists(path))
        {
            return predictions;
        }
        string[]? header = null;
        int columns = Header.Split(',').Length;
        foreach (CsvRow row in CsvFile.Read(path))
        {
            if (header is null)
            {
                header = row.Fields;
                string names = string.Join(',', header);
                if (names != Header && names != FormerKey + Header[(Header.IndexOf(',') + 1)..])
                {
                    throw new InvalidDataException(
                        $"'{path}', line {row.Line}: expected the columns '{Header}', got " +
                        $"'{names}'.");
                }
                continue;
            }
            if (row.Fields.Length != columns)
            {
                throw new InvalidDataException(
                    $"'{path}', line {row.Line}: expected {columns} fields, got {row.Fields.Length}.");
            }
            string[] f = row.Fields;
            double prediction = Number(path, row, 7)
                ?? throw new InvalidDataException($"'{path}', line {row.Line}: expected a prediction, got none.");
            predictions.Add(new RunPrediction(
                CsvFile.Text(f[0]), CsvFile.Text(f[1]), CsvFile.Text(f[2]), Number(path, row, 3), Number(path, row, 4),
                CsvFile.Text(f[5]), Number(path, row, 6), prediction));
        }
        return predictions;
    }

    private static double? Number(string path, CsvRow row, int column)
    {
        string text = row.Fields[column];
        return text.Length == 0 ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
            : throw new InvalidDataException(
                $"'{path}', line {row.Line}: expected a number in column '{Header.Split(',')[column]}', got '{text}'.");
    }
}
