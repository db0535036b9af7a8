using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Audio.Common;
using SpeechML.Encoders.Native;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// Divides rows into folds of about the same size such that no subject is in two: subjects in an order drawn from the
/// seed, the largest first, each into the smallest fold.
/// </summary>
internal static class SubjectFolds
{
    /// <summary>The fold of each row.</summary>
    /// <exception cref="ArgumentException">There are fewer subjects than folds, or the column is not text.</exception>
    public static int[] Assign(IDataView data, string subjectColumnName, int folds, int seed)
    {
        DataViewSchema.Column? column = data.Schema.GetColumnOrNull(subjectColumnName);
        if (column?.Type is not TextDataViewType)
        {
            throw new ArgumentException(
                $"Subject column '{subjectColumnName}': expected a text column of the data, got " +
                $"{(column is null ? "none of that name" : column.Value.Type)}.");
        }
        string[] subjects = [.. data.GetColumn<ReadOnlyMemory<char>>(column.Value).Select(s => s.ToString())];
        Dictionary<string, int> rows = subjects.GroupBy(s => s, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        if (rows.Count < folds)
        {
            throw new ArgumentException(
                $"Subject column '{subjectColumnName}': expected at least {folds} subjects, one per fold, got " +
                $"{rows.Count}.");
        }
        string[] order = [.. rows.Keys.Order(StringComparer.Ordinal)];
        new SeededRandom((ulong)SeedStream.Derive(seed, "sweep folds")).Shuffle<string>(order);
        int[] sizes = new int[folds];
        var foldOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string subject in order.OrderByDescending(s => rows[s]))
        {
            int fold = Array.IndexOf(sizes, sizes.Min());
            foldOf[subject] = fold;
            sizes[fold] += rows[subject];
        }
        return [.. subjects.Select(s => foldOf[s])];
    }
}
