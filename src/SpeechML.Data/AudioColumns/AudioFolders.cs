using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML.Data.AudioColumns;

/// <summary>Gives a model's <c>LoadAudio</c> another folder.</summary>
internal static class AudioFolders
{
    /// <summary>
    /// A chain with the same transformers but those that load audio; <see langword="null"/> where none does.
    /// </summary>
    public static ITransformer? Replace(IHostEnvironment env, ITransformer model, string? folder)
    {
        if (model is AudioLoadingTransformer loading)
        {
            return loading.InFolder(env, folder);
        }
        if (model is not ITransformerChainAccessor chain)
        {
            return null;
        }
        ITransformer?[] replaced = [.. chain.Transformers.Select(t => Replace(env, t, folder))];
        return Array.TrueForAll(replaced, t => t is null) ? null : new TransformerChain<ITransformer>(
            replaced.Zip(chain.Transformers, (its, same) => its ?? same), chain.Scopes);
    }
}
