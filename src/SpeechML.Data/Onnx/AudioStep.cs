using Microsoft.ML;
using SpeechML.Audio;

namespace SpeechML.Data.Onnx;

/// <summary>What a chain did to the audio before its model, for files that are no model zips.</summary>
/// <param name="SampleRate">Of a step that resamples: Hz.</param>
/// <param name="Edit">Of a step that trims or normalises: its kind and settings, JSON.</param>
internal sealed record AudioStep(int? SampleRate = null, string? Edit = null)
{
    private const int MaxSampleRate = 1_000_000;

    /// <summary>The steps that made the audio of a column, in their order.</summary>
    /// <param name="steps">Those before the model.</param>
    /// <param name="column">The audio that the model is given.</param>
    /// <param name="loading">How the files were read; <see langword="null"/> for the defaults.</param>
    public static AudioStep[] Of(IEnumerable<ITransformer> steps, string column, out AudioLoadingOptions? loading)
    {
        var found = new Stack<AudioStep>();
        loading = null;
        foreach (ITransformer step in steps.Reverse())
        {
            if (step is AudioChangingTransformer change && change.OutputColumnName == column)
            {
                found.Push(change is AudioResamplingTransformer resampling ? new(SampleRate: resampling.SampleRate)
                    : new(Edit: ((AudioEditingTransformer)change).Edit.ToJson()));
                column = change.InputColumnName;
            }
            else if (step is AudioLoadingTransformer loader && loader.OutputColumnName == column)
            {
                var plain = loader.Options with { SaveFolder = false };
                loading = plain == new AudioLoadingOptions() ? null : plain;
                break;
            }
        }
        return [.. found];
    }

    /// <summary>What is wrong; <see langword="null"/> where nothing is.</summary>
    public string? Check()
    {
        if (Edit is null)
        {
            return SampleRate is >= 1 and <= MaxSampleRate ? null : $"steps: rate {SampleRate}";
        }
        AudioEdit.FromJson(Edit).Validate();
        return SampleRate is null ? null : "steps: a rate and an edit in one";
    }

    /// <summary>Does it to a clip.</summary>
    /// <exception cref="AudioException">Nothing is left of it; names the file.</exception>
    public MLAudio Apply(MLAudio audio) =>
        Edit is { } edit ? AudioEdit.FromJson(edit).Apply(audio) : audio.Resample(SampleRate!.Value);
}
