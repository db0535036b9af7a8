using SpeechML;

namespace Microsoft.ML;

/// <summary>Gives an <see cref="MLContext"/> what speech needs and ML.NET has no catalog for.</summary>
public static class SpeechContextExtensions
{
    /// <summary>
    /// Multi-label training and evaluation, metadata and splits by subject, as AutoML hangs on <c>mlContext.Auto()</c>.
    /// </summary>
    public static SpeechCatalog Speech(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new SpeechCatalog(mlContext);
    }
}
