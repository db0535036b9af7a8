using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.TrainingSupport;

/// <summary>Where most pipelines of the tests begin.</summary>
internal static class PromptAudio
{
    // The recordings are of 1.2 s to 3.9 s: a third of the parts are shorter than the others, by up to 0.57 s.
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(0.7), s_offset = TimeSpan.FromSeconds(1.1);

    /// <summary>The whole sample recording that column <c>Path</c> names, at 16 kHz, in column <c>Audio</c>.</summary>
    public static EstimatorChain<AudioResamplingTransformer> Whole(MLContext mlContext) => Load(mlContext)
        .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000));

    /// <summary>
    /// A part of the sample recording that column <c>Path</c> names, at 16 kHz, in column <c>Audio</c>: most of what is
    /// tested does not depend on the length of clips, and takes as long as they are.
    /// </summary>
    public static EstimatorChain<AudioResamplingTransformer> Pipeline(MLContext mlContext) => Load(mlContext)
        .Append(mlContext.Transforms.TruncateAudio("Audio", s_length, s_offset))
        .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000));

    private static AudioLoadingEstimator Load(MLContext mlContext) => mlContext.Transforms.LoadAudio(
        "Audio", RepositoryFiles.Prompts, "Path", new AudioLoadingOptions { SaveFolder = true });
}
