using SpeechML.Data.Metadata;
using SpeechML.Data.Splits;

namespace SpeechML;

/// <summary>
/// Clips divided into training, validation and test so that no subject is in two parts. Spellings that differ in case,
/// whitespace, Unicode form, leading zeros or a fraction of zeros (<c>S01</c>, <c>s1</c>; <c>144</c>, <c>144.0</c>)
/// count as one subject. Labels and categories are balanced at the same time (see
/// <see cref="SubjectSplitOptions.StratifyThreshold"/>).
/// </summary>
public sealed class SubjectSplit
{
    internal SubjectSplit(string name, IReadOnlyList<string> keys, IReadOnlyList<SplitPart> parts)
    {
        Name = name;
        Keys = keys;
        Parts = parts;
    }

    /// <summary>
    /// The name derived from the settings, see <see cref="SubjectSplitOptions.Name"/>; of a loaded file, the file's
    /// name.
    /// </summary>
    public string Name { get; }

    /// <summary>The audio key of each clip.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The part of each clip, in the order of <see cref="Keys"/>.</summary>
    public IReadOnlyList<SplitPart> Parts { get; }

    /// <summary>Divides clips.</summary>
    /// <param name="keys">The audio key of each clip.</param>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="strata">What to balance.</param>
    /// <param name="options">Shares, seed, threshold.</param>
    /// <param name="dates">The date of each clip, for <see cref="SubjectSplitOptions.OnePerSubject"/>;
    /// <see langword="null"/> where unknown.</param>
    /// <exception cref="ArgumentException">Proportions that do not sum to 1, fewer subjects than parts, an empty
    /// subject, a key twice.</exception>
    public static SubjectSplit Create(
        IReadOnlyList<string> keys, IReadOnlyList<string> subjects, IReadOnlyList<SplitStratum> strata,
        SubjectSplitOptions options, IReadOnlyList<string>? dates = null)
    {
        options.Validate();
        if (dates is not null && dates.Count != subjects.Count)
        {
            throw new ArgumentException(
                $"Split expected one date per audio key, got {keys.Count} keys and {dates.Count} dates.");
        }
        if (keys.Count != subjects.Count)
        {
            throw new ArgumentException(
                $"Split expected one subject per audio key, got {keys.Count} keys and {subjects.Count} subjects.");
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string key in keys)
        {
            if (!seen.Add(key))
            {
                throw new ArgumentException($"Split expected every audio key once, got '{key}' twice.");
            }
        }
        if (options.OnePerSubject)
        {
            int[] first = FirstOfSubjects(subjects, dates);
            keys = [.. first.Select(i => keys[i])];
            subjects = [.. first.Select(i => subjects[i])];
            strata = [.. strata.Select(s => s with { Values = [.. first.Select(i => s.Values[i])] })];
        }
        return new SubjectSplit(
            options.Name, keys, [.. Divide(subjects, strata, options.Proportions, options).Select(s => (SplitPart)s)]);
    }

    /// <summary>Divides clips into <paramref name="folds"/> parts of equal size for cross-validation.</summary>
    /// <returns>The fold number of each clip.</returns>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="strata">What to balance.</param>
    /// <param name="folds">At least 2, at most the number of subjects.</param>
    /// <param name="options">Seed and threshold; the shares do not matter.</param>
    /// <exception cref="ArgumentException">Fewer subjects than folds, an empty subject.</exception>
    public static IReadOnlyList<int> KFold(
        IReadOnlyList<string> subjects, IReadOnlyList<SplitStratum> strata, int folds, SubjectSplitOptions options)
    {
        if (folds < 2)
        {
            throw new ArgumentException($"Cross-validation expected at least 2 folds, got {folds}.");
        }
        return Divide(subjects, strata, [.. Enumerable.Repeat(1.0 / folds, folds)], options, relax: true);
    }

    /// <summary>
    /// Saves the split as <c>.csv</c> (<c>path,split</c> with <c>train</c>, <c>val</c>, <c>test</c>) or <c>.json</c>;
    /// the file appears whole or not at all.
    /// </summary>
    /// <param name="path">A path or an address (<c>gs://...</c>).</param>
    /// <param name="overwrite">Whether another split that is there may be replaced; an equal one may stay in any
    /// case.</param>
    /// <exception cref="ArgumentException">Another extension.</exception>
    /// <exception cref="StorageException">Another split is there, and <paramref name="overwrite"/> is not
    /// set.</exception>
    public void Save(string path, bool overwrite = false) => SubjectSplitFile.Save(this, path, overwrite);

    /// <summary>Loads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Names file, line, column, what was expected and what is
    /// there.</exception>
    public static SubjectSplit Load(string path) => SubjectSplitFile.Load(path);

    /// <summary>How even the split is.</summary>
    public SplitBalance Balance(IReadOnlyList<SplitStratum> strata) =>
        SplitBalance.Measure([.. Parts.Select(p => (int)p)], 3, strata);

    /// <summary>The number of each subject's first clip, in the order of the clips.</summary>
    internal static int[] FirstOfSubjects(IReadOnlyList<string> subjects, IReadOnlyList<string>? dates)
    {
        string[] names = Spelling.Unify(subjects);
        return [.. Enumerable.Range(0, names.Length).GroupBy(i => names[i], StringComparer.Ordinal)
            .Select(g => g.MinBy(i => dates?[i], StringComparer.Ordinal)).Order()];
    }

    private static int[] Divide(
        IReadOnlyList<string> subjects, IReadOnlyList<SplitStratum> strata, double[] wanted,
        SubjectSplitOptions options, bool relax = false)
    {
        var table = new SubjectTable(subjects, strata);
        int active = wanted.Count(w => w > 0);
        if (table.Subjects < active)
        {
            throw new ArgumentException(
                $"Split into {active} parts expected at least as many subjects, got {table.Subjects}. " +
                "Give a part the share 0, or name another subject column.");
        }
        int[] part = SubjectPartition.Find(table, wanted, options.StratifyThreshold, (ulong)options.SeedInUse, relax);
        return Array.ConvertAll(table.SubjectOfClip, u => part[u]);
    }
}
