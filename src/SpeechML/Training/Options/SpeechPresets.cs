namespace SpeechML;

/// <summary>
/// Settings to begin with: each call gives new options whose every value can be changed, and which are as if they had
/// been set one by one.
/// </summary>
public static class SpeechPresets
{
    /// <summary>
    /// A linear model on the frozen encoder, on layers that the trainer finds; what options without a preset are.
    /// </summary>
    /// <typeparam name="TOptions">Options of the task.</typeparam>
    /// <param name="encoder">The encoder: <see cref="SpeechTrainingOptions.Encoder"/>.</param>
    public static TOptions LinearProbe<TOptions>(string encoder)
        where TOptions : SpeechTrainingOptions, new() => new()
        {
            Encoder = encoder,
            Layers = EncoderLayers.Auto,
            Freezing = LayerFreezing.All,
        };

    /// <summary>Adapters of rank 8 on query and value of the layers in use, at a rate of 1e-3.</summary>
    /// <inheritdoc cref="LinearProbe"/>
    public static TOptions Lora<TOptions>(string encoder)
        where TOptions : SpeechTrainingOptions, new() => new()
        {
            Encoder = encoder,
            Layers = EncoderLayers.Auto,
            Lora = new LoraOptions { Rank = 8, Alpha = 16 },
            EncoderLearningRate = 1e-3,
        };

    /// <summary>All transformer layers in use train, at 1e-5, from the linear model's solution.</summary>
    /// <inheritdoc cref="LinearProbe"/>
    public static TOptions FullFineTuning<TOptions>(string encoder)
        where TOptions : SpeechTrainingOptions, new() => new()
        {
            Encoder = encoder,
            Layers = EncoderLayers.Auto,
            Freezing = LayerFreezing.RequiredOnly,
        };

    /// <summary>
    /// How a voice sounds: for each label a linear model on the layer, the acoustic measures of column <c>Voice</c>, or
    /// both, whichever tells the training clips apart best. The column is to be there in training and scoring:
    /// <c>mlContext.Transforms.MeasureVoice("Voice", "Audio")</c> before the trainer.
    /// </summary>
    /// <inheritdoc cref="LinearProbe"/>
    public static TOptions VoiceQuality<TOptions>(string encoder)
        where TOptions : SpeechTrainingOptions, new() => new()
        {
            Encoder = encoder,
            Layers = EncoderLayers.Auto,
            Freezing = LayerFreezing.All,
            ExtraFeatures = "Voice",
        };
}
