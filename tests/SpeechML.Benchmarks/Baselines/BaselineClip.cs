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

    /// <summary>So many clips of whole subjects, of each language alike.</summary>
    public static BaselineClip[] Some(IEnumerable<BaselineClip> clips, int most, int seed)
    {
        BaselineClip[] all = [.. clips];
        if (most >= all.Length)
        {
            return all;
        }
        var random = new Random(seed);
        string[][] byLanguage = [.. all.GroupBy(c => c.Language, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.Select(c => c.Subject).Distinct(StringComparer.Ordinal).ToArray())];
        Array.ForEach(byLanguage, random.Shuffle);
        var taken = new List<BaselineClip>();
        for (int i = 0; taken.Count < most; i++)
        {
            foreach (string subject in byLanguage.Where(s => i < s.Length).Select(s => s[i])
                .TakeWhile(_ => taken.Count < most))
            {
                taken.AddRange(all.Where(c => c.Subject == subject));
            }
        }
        return [.. taken];
    }

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
