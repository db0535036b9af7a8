using Microsoft.ML;

namespace SpeechML.Explaining;

/// <summary>The fine-tuned model of a chain, with the steps that give it its audio.</summary>
/// <param name="Scorer">The model.</param>
/// <param name="Steps">What makes the audio that it scores from the audio that was loaded, in order.</param>
internal sealed record ScoredChain(
    SpeechScoringTransformer Scorer, IReadOnlyList<ColumnTransformer<MLAudio, MLAudio>> Steps)
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
        return new ScoredChain(found[0], steps);
    }

    /// <summary>Audio as the model gets it.</summary>
    public MLAudio Prepare(MLAudio audio) => Steps.Aggregate(audio, (current, step) => step.Apply(current));

    private static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];
}
