using SpeechML.Encoders;
using SpeechML.Encoders.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Adapters;

/// <summary>
/// Learned vectors before the frames of each clip (Lester et al. 2021), put in at hidden state 0: after the front end, and after everything that tells frames
/// where they are. Attention of every frame sees them; <see cref="Strip"/> takes them out again before pooling.
/// </summary>
/// <remarks>
/// Positions: no position is added to a prompt, and frames keep theirs (Whisper's table, the positional convolution). WavLM's relative bias counts the prompts
/// as frames that come before the first. The only parameter is <c>vectors</c> (tokens, hidden); with 0 tokens there is none.
/// </remarks>
public sealed class SoftPrompt : nn.Module
{
    [ComponentName(Name = "vectors")]
    private readonly Parameter? _vectors;

    /// <summary>Creates the vectors, normal around 0; for <see cref="SoftPromptInitialization.MeanOfFrames"/> call <see cref="AddMean"/> next.</summary>
    /// <param name="options">How many, and how spread.</param>
    /// <param name="hiddenSize">Size of the encoder's frames.</param>
    /// <param name="seed">Seed of the vectors; no other random stream is touched.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SoftPrompt(SoftPromptOptions options, int hiddenSize, int seed)
        : base(nameof(SoftPrompt))
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 1);
        Tokens = options.Tokens;
        if (Tokens > 0)
        {
            _vectors = Weights.Empty(Tokens, hiddenSize);
            using var generator = new Generator((ulong)seed);
            using IDisposable still = no_grad();
            _ = _vectors.normal_(0, options.StandardDeviation, generator);
        }
        RegisterComponents();
    }

    /// <summary>Vectors before each clip.</summary>
    public int Tokens { get; }

    /// <summary>Moves the vectors by the mean of the valid frames of some clips.</summary>
    /// <param name="hidden">Hidden state 0 of the clips, (batch, frames, hidden).</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    public void AddMean(Tensor hidden, long[] lengths)
    {
        if (_vectors is null)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor[] frames = [.. lengths.Select((length, clip) => hidden[clip].narrow(0, 0, length))];
        _ = _vectors.add_(cat(frames, 0).mean([0]).to(_vectors.dtype, _vectors.device));
    }

    /// <summary>Puts the vectors before the frames: hidden state 0 for the layers, and its valid frames.</summary>
    /// <param name="hidden">Hidden state 0, (batch, frames, hidden). It stays the caller's.</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    /// <returns>(batch, tokens + frames, hidden), and the lengths with the tokens; both for <see cref="SpeechEncoder.RunLayers"/> with <c>prompts</c> = <see cref="Tokens"/>.</returns>
    public (Tensor Hidden, long[] Lengths) Prepend(Tensor hidden, long[] lengths)
    {
        if (_vectors is null)
        {
            return (hidden.alias(), lengths);
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor prompts = _vectors.unsqueeze(0).expand(hidden.shape[0], -1, -1);
        return (cat([prompts, hidden], 1).MoveToOuterDisposeScope(), [.. lengths.Select(length => length + Tokens)]);
    }

    /// <summary>Takes the vectors' places out of hidden states: what is left are the clips' own frames, for pooling. The tensors given are disposed.</summary>
    /// <param name="frames">What the layers gave for prepended frames.</param>
    public EncodedFrames Strip(EncodedFrames frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return _vectors is null
            ? frames
            : new EncodedFrames(
                frames.HiddenStates.ToDictionary(state => state.Key, state => Rest(state.Value)),
                frames.LastHiddenState is null ? null : Rest(frames.LastHiddenState),
                [.. frames.Lengths.Select(length => length - Tokens)]);
    }

    /// <summary>Runs an encoder's layers with the prompt: <see cref="Prepend"/>, the layers, <see cref="Strip"/>.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="hidden">Hidden state 0 of the clips, (batch, frames, hidden). It stays the caller's.</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    /// <param name="keep">Numbers of the hidden states to return; <see langword="null"/> for all built.</param>
    public EncodedFrames RunLayers(SpeechEncoder encoder, Tensor hidden, long[] lengths, IReadOnlySet<int>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        (Tensor prompted, long[] all) = Prepend(hidden, lengths);
        using (prompted)
        {
            return Strip(encoder.RunLayers(prompted, all, 0, keep, Tokens));
        }
    }

    private Tensor Rest(Tensor state)
    {
        using (state)
        {
            return state.narrow(1, Tokens, state.shape[1] - Tokens);
        }
    }
}
