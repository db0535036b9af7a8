using Microsoft.ML.Data;
using SpeechML;

namespace Microsoft.ML;

/// <summary>Comparison of speakers in <c>mlContext.Transforms</c>.</summary>
public static class SpeakerTransformsCatalog
{
    /// <summary>
    /// Compares two columns of speakers' embeddings, as <c>EmbedSpeaker</c> makes them: their cosine, from -1 to 1,
    /// larger where it is more likely that one person speaks.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the column of scores to make, Single.</param>
    /// <param name="firstColumnName">Name of a vector column.</param>
    /// <param name="secondColumnName">Name of another, of the same size.</param>
    public static SpeakerScoringEstimator ScoreSpeakers(
        this TransformsCatalog catalog, string outputColumnName, string firstColumnName, string secondColumnName) =>
        new(catalog.GetEnvironment(), outputColumnName, firstColumnName, secondColumnName);
}
