using Microsoft.ML;

namespace SpeechML.Explaining;

/// <summary>The fine-tuned model of a chain, with the steps that give it its audio.</summary>
/// <param name="Scorer">The model.</param>
/// <param name="Steps">What makes the audio that it scores from the audio that was loaded, in order.</param>
/// <param name="Loaded">The column of the audio that was loaded.</param>
/// <param name="Before">All that comes before the model, in order.</param>
internal sealed record ScoredChain(
    SpeechScoringTransformer Scorer, IReadOnlyList<ColumnTransformer<MLAudio, MLAudio>> Steps, string Loaded,
    IReadOnlyList<ITransformer> Before)
{
    /// <param name="model">What a trainer gave, a chain with it, or one that was loaded.</param>
    /// <exception cref="ArgumentException">It has no fine-tuned speech model, or several.</exception>
    public static ScoredChain Of(ITransformer model)
    {
        ITransformer[] chain = [.. Flatten(model)];
        SpeechScoringTransformer[] found = [.. chain.OfType<SpeechScoringTransformer>()];
        if (found.Length != 1)
        {
            throw new ArgumentException(
                $"Model to explain: expected one fine-tuned speech model, got " +
                $"{(found.Length == 0 ? "none" : found.Length)} among " +
                $"{string.Join(", ", chain.Select(t => t.GetType().Name))}. Give what a speech trainer's Fit gave, a " +
                $"chain with it, or its zip loaded.", nameof(model));
        }
        var steps = new List<ColumnTransformer<MLAudio, MLAudio>>();
        string column = found[0].AudioColumn;
        for (int i = Array.IndexOf(chain, found[0]) - 1; i >= 0; i--)
        {
            if (chain[i] is AudioLoadingTransformer loading && loading.OutputColumnName == column)
            {
                break;
            }
            if (chain[i] is ColumnTransformer<MLAudio, MLAudio> step && step.OutputColumnName == column)
            {
                steps.Insert(0, step);
                column = step.InputColumnName;
            }
        }
        return new ScoredChain(found[0], steps, column, chain[..Array.IndexOf(chain, found[0])]);
    }

    /// <summary>Audio as the model gets it.</summary>
    public MLAudio Prepare(MLAudio audio) => Steps.Aggregate(audio, (current, step) => step.Apply(current));

    /// <summary>The model's extra features of a clip; <see langword="null"/> where it takes none.</summary>
    /// <exception cref="InvalidOperationException">One of them is not made from the audio.</exception>
    public float[]? Extras(MLAudio audio)
    {
        if (Scorer.Model.Facts.ExtraFeatures is not { } features)
        {
            return null;
        }
        var clips = new Dictionary<string, MLAudio>(StringComparer.Ordinal) { [Loaded] = audio };
        var numbers = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (ITransformer step in Before)
        {
            if (step is ColumnTransformer<MLAudio, MLAudio> audioStep
                && clips.TryGetValue(audioStep.InputColumnName, out MLAudio? clip))
            {
                clips[audioStep.OutputColumnName] = audioStep.Apply(clip);
            }
            else if (step is ColumnTransformer<MLAudio, float[]> measuring
                && features.Any(f => f.Column == measuring.OutputColumnName)
                && clips.TryGetValue(measuring.InputColumnName, out MLAudio? measured))
            {
                numbers[measuring.OutputColumnName] = measuring.Apply(measured);
            }
        }
        return [.. features.SelectMany(f => numbers.GetValueOrDefault(f.Column)
            ?? throw new InvalidOperationException(
            $"Model to explain: expected column '{f.Column}' beside the audio, because the model was trained with it " +
            $"as an extra feature, got audio alone, from which no step of the chain makes it. Give the data view " +
            $"that has the column."))];
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];
}
