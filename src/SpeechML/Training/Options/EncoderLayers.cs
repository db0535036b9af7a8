namespace SpeechML;

/// <summary>Words of <see cref="SpeechTrainingOptions.Layers"/>.</summary>
public static class EncoderLayers
{
    /// <summary>The encoder's last hidden state, <c>last_hidden_state</c>.</summary>
    public const string Last = "last";

    /// <summary>Every hidden state, that before the first layer among them.</summary>
    public const string All = "all";
}
