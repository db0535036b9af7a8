using SpeechML;

namespace Microsoft.ML;

/// <summary>Scores with ONNX models.</summary>
public static class SpeechOnnxScoringCatalog
{
    /// <summary>
    /// Loads a model that <c>SaveOnnx</c> of the package SpeechML.OnnxConverter wrote. It scores the audio column that
    /// the model was trained on, at the encoder's sample rate, on ONNX Runtime: on the GPU that
    /// <c>MLContext.GpuDeviceId</c> names, otherwise on the CPU. libtorch is not needed.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file; where its weights are in a second one, that lies beside it.</param>
    /// <exception cref="FormatException">The file is not what SpeechML writes; says what is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <example><code>ITransformer model = mlContext.Speech().LoadOnnx("model.onnx");</code></example>
    public static SpeechOnnxTransformer LoadOnnx(this SpeechCatalog catalog, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return SpeechOnnxTransformer.Load(catalog.Context, path);
    }
}
