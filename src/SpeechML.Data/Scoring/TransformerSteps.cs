using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.Scoring;

/// <summary>The transformers of a model, one after the other.</summary>
internal static class TransformerSteps
{
    /// <summary>The transformers of a chain, those of chains within it too.</summary>
    public static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];

    /// <summary>A chain of some of a model's transformers, which it shares with the model.</summary>
    public static TransformerChain<ITransformer> Chain(IEnumerable<ITransformer> steps) => new([.. steps]);

    /// <summary>
    /// The transformers that scores need and the columns that these read; the others make labels from text, divide
    /// data, or copy columns that nothing reads.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="input">The schema of all of its input.</param>
    /// <param name="isScorer">Whether a transformer makes scores; its columns and those of all behind it are
    /// wanted.</param>
    /// <returns>The transformers in their order, and the names of the input columns.</returns>
    /// <exception cref="ArgumentException">No transformer makes scores.</exception>
    public static (List<ITransformer> Steps, List<string> Columns) ForScoring(
        ITransformer model, DataViewSchema input, Func<ITransformer, bool> isScorer)
    {
        ITransformer[] steps = [.. Flatten(model)];
        int first = Array.FindIndex(steps, s => isScorer(s));
        if (first < 0)
        {
            throw new ArgumentException(
                $"Model: expected a transformer that scores speech, got " +
                $"{string.Join(", ", steps.Select(s => s.GetType().Name))}.", nameof(model));
        }
        var schemas = new List<DataViewSchema> { input };
        foreach (ITransformer step in steps)
        {
            schemas.Add(step.GetOutputSchema(schemas[^1]));
        }
        HashSet<string> needed = [.. steps.Skip(first).SelectMany((_, i) =>
            Made(schemas[first + i], schemas[first + i + 1]) ?? [])];
        var kept = new List<ITransformer>();
        for (int i = steps.Length - 1; i >= 0; i--)
        {
            string[]? made = Made(schemas[i], schemas[i + 1]);
            if (made is not null && i < first && !made.Any(needed.Contains))
            {
                continue;
            }
            kept.Insert(0, steps[i]);
            DataViewSchema output = schemas[i + 1];
            HashSet<string> wanted = needed;
            needed = steps[i].IsRowToRowMapper
                ? [.. steps[i].GetRowToRowMapper(schemas[i])
                    .GetDependencies(output.Where(c => wanted.Contains(c.Name))).Select(c => c.Name)]
                : [.. schemas[i].Select(c => c.Name)];
        }
        return (kept, [.. input.Select(c => c.Name).Distinct().Where(needed.Contains)]);
    }

    /// <summary>
    /// The schema that is saved with a model: the part, or, where the model reads only audio from memory, which ML.NET
    /// has no format for, the whole.
    /// </summary>
    public static DataViewSchema Saved(DataViewSchema part, DataViewSchema whole) =>
        part.All(c => c.Type.Equals(AudioDataViewType.Instance)) ? whole : part;

    /// <summary>The part of a schema that has some columns.</summary>
    public static DataViewSchema Part(DataViewSchema schema, IReadOnlyCollection<string> columns)
    {
        var builder = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column column in schema.Where(c => !c.IsHidden && columns.Contains(c.Name)))
        {
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        }
        return builder.ToSchema();
    }

    // Transformers that add columns put them behind those that there are, and a column that hides another behind that
    // one; null of others, which may do anything.
    private static string[]? Made(DataViewSchema before, DataViewSchema after)
    {
        var made = new List<string>();
        int next = 0;
        foreach (DataViewSchema.Column column in after)
        {
            if (next < before.Count && before[next].Name == column.Name)
            {
                next++;
            }
            else
            {
                made.Add(column.Name);
            }
        }
        return next == before.Count ? [.. made] : null;
    }
}
