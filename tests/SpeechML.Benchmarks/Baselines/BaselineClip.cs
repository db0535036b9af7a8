using System.Globalization;
using Microsoft.ML.Data;

namespace SpeechML.Benchmarks.Baselines;

/// <summary>A clip of a baseline's folds.</summary>
internal sealed class BaselineClip
{
    public const int Labels = 5;

    public string File { get; set; } = "";

    public string Subject { get; set; } = "";

    public string Language { get; set; } = "";

    public int Fold { get; set; }

    /// <summary>1, 0, or NaN where it is not rated.</summary>
    [VectorType(Labels)]
    public float[] Ratings { get; set; } = [];

    /// <summary>Names of the ratings.</summary>
    public static string[] Names(string path) => System.IO.File.ReadLines(path).First().Split(',')[4..];

    /// <summary>Reads <c>file,speaker,language,fold</c> and the ratings.</summary>
    public static BaselineClip[] Read(string path) =>
        [.. System.IO.File.ReadLines(path).Skip(1).Select(line => line.Split(',')).Select(c => new BaselineClip
        {
            File = c[0],
            Subject = c[1],
            Language = c[2],
            Fold = int.Parse(c[3], CultureInfo.InvariantCulture),
            Ratings = [.. c[4..].Select(v => v is "" or "-1" ? float.NaN
                : float.Parse(v, CultureInfo.InvariantCulture))],
        })];
}
