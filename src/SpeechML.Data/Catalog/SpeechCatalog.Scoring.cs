using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Scoring;

namespace SpeechML;

/// <content>Models whose audio does not come from files.</content>
public sealed partial class SpeechCatalog
{
    /// <summary>
    /// A model without its <c>LoadAudio</c>: it reads <see cref="MLAudio"/> from memory, from the column that
    /// <c>LoadAudio</c> made. What follows (resampling, trimming, scoring) stays.
    /// </summary>
    /// <param name="model">A model that begins with files, such as <c>mlContext.Model.Load</c> gives.</param>
    /// <returns>A chain of the same transformers, which the two models share: dispose one of them only.</returns>
    /// <exception cref="ArgumentException">The model loads no audio.</exception>
#pragma warning disable CA1822 // A catalog's entry points are instance members, as ML.NET's.
    public TransformerChain<ITransformer> WithoutLoading(ITransformer model)
#pragma warning restore CA1822
    {
        ArgumentNullException.ThrowIfNull(model);
        ITransformer[] steps = [.. TransformerSteps.Flatten(model)];
        ITransformer[] rest = [.. steps.Where(s => s is not AudioLoadingTransformer)];
        return rest.Length < steps.Length ? TransformerSteps.Chain(rest)
            : throw new ArgumentException(
                $"Model: expected one that loads audio (LoadAudio), got " +
                $"{string.Join(", ", steps.Select(s => s.GetType().Name))}. It takes audio from memory as it is.",
                nameof(model));
    }
}
