using SpeechML;
using SpeechML.OnnxConverter.Chains;
using SpeechML.OnnxConverter.Graph;

namespace Microsoft.ML;

/// <summary>Writes models as ONNX.</summary>
public static class SpeechOnnxCatalog
{
    /// <summary>
    /// Writes a fine-tuned model or a featuriser as ONNX, from samples to the columns that it makes: inputs
    /// <c>audio</c>, float32 (batch, samples) at the encoder's sample rate, and <c>lengths</c>, int64 (batch), the
    /// samples of each clip; outputs of the columns' names. Calibrations and thresholds behind the model are in the
    /// graph. What comes before the audio column (loading, resampling, trimming) is not: the file's description says
    /// what it was, and <c>speechml predict</c> does it.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model, or the chain that holds it.</param>
    /// <param name="path">The file. Weights that it cannot hold (2 GB) go to <c>path.data</c> beside it.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">There is not one speech model in the chain.</exception>
    /// <exception cref="NotSupportedException">A part of the chain cannot be converted; names it.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <example><code>mlContext.Speech().SaveOnnx(model, "model.onnx");</code></example>
    public static void SaveOnnx(
        this SpeechCatalog catalog, ITransformer model, string path, SpeechOnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ChainGraph chain = ChainGraph.Of(model, options ?? new SpeechOnnxOptions());
        GraphWriter.Write(chain.Graph, chain.Metadata, path, GraphWriter.MaxInside);
    }

    /// <summary>Writes a model into a stream.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model, or the chain that holds it.</param>
    /// <param name="stream">What it is written to.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidOperationException">The weights need a second file.</exception>
    /// <inheritdoc cref="SaveOnnx(SpeechCatalog, ITransformer, string, SpeechOnnxOptions?)" path="/exception"/>
    public static void SaveOnnx(
        this SpeechCatalog catalog, ITransformer model, Stream stream, SpeechOnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        ChainGraph chain = ChainGraph.Of(model, options ?? new SpeechOnnxOptions());
        GraphWriter.Write(chain.Graph, chain.Metadata, stream);
    }
}
