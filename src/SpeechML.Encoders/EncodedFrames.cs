using TorchSharp;

namespace SpeechML;

/// <summary>What an encoder is fed: one batch of features, padded to the longest clip.</summary>
/// <param name="Values">Waveforms (batch, samples) or log-mel spectrograms (batch, values, frames), float32.</param>
/// <param name="Lengths">Valid samples (waveforms) or frames that hold speech (spectrograms), one per clip.</param>
public sealed record EncoderInput(torch.Tensor Values, long[] Lengths) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Values.Dispose();
}

/// <summary>What an encoder gives: hidden states of one batch, with the number of valid frames of each clip.</summary>
/// <param name="HiddenStates">
/// Hidden state by number, each (batch, frames, hidden): 0 = the input of the first layer, L = the output of layer L as
/// Hugging Face transformers 5
/// returns it in <c>hidden_states</c>. Only those asked for are present. What to pool of one,
/// <see cref="SpeechEncoder.FramesOf"/> gives. float32, or 16 bits per value where
/// <see cref="SpeechEncoder.Precision"/> makes them so.
/// </param>
/// <param name="LastHiddenState">
/// Hugging Face's <c>last_hidden_state</c> (batch, frames, hidden), after the final layer norm of pre-norm encoders;
/// <see langword="null"/> where upper layers were left out or it was not asked for.
/// </param>
/// <param name="Lengths">Valid frames, one per clip; frames from there on are padding and hold nothing of use.</param>
public sealed record EncodedFrames(
    IReadOnlyDictionary<int, torch.Tensor> HiddenStates, torch.Tensor? LastHiddenState, long[] Lengths);
