namespace SpeechML.Model.HuggingFace;

/// <summary>The heads over whole clips that Python's models have, told apart by the names of their tensors.</summary>
internal enum HeadForm
{
    /// <summary>
    /// <c>projector</c> on every frame, mean, <c>classifier</c>: what transformers calls
    /// <c>…ForSequenceClassification</c> and <c>WhisperForAudioClassification</c>.
    /// </summary>
    Projector,

    /// <summary>
    /// Mean, <c>classifier.dense</c>, tanh, <c>classifier.out_proj</c>: <c>Wav2Vec2ForSpeechClassification</c>, which
    /// is not a class of transformers.
    /// </summary>
    OutProj,

    /// <summary>The same with <c>classifier.output</c>.</summary>
    Output,

    /// <summary>
    /// The mean of the tokens before the frames, <c>classifier.layernorm</c>, <c>classifier.dense</c>:
    /// <c>ASTForAudioClassification</c>.
    /// </summary>
    Tokens,

    /// <summary>A speaker's embedding: <c>…ForXVector</c>.</summary>
    XVector,
}
