using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.TrainingSupport;

/// <summary>Where most pipelines of the tests begin.</summary>
internal static class PromptAudio
{
    /// <summary>The sample recording that column <c>Path</c> names, at 16 kHz, in column <c>Audio</c>.</summary>
    public static EstimatorChain<AudioResamplingTransformer> Pipeline(MLContext mlContext) =>
        mlContext.Transforms
            .LoadAudio("Audio", RepositoryFiles.Prompts, "Path", new AudioLoadingOptions { SaveFolder = true })
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000));
}
