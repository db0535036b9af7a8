namespace SpeechML.Onnx.Running;

/// <summary>What a model is given of a clip.</summary>
/// <param name="Samples">The audio.</param>
/// <param name="Features">The numbers beside it; <see langword="null"/> of models without.</param>
internal sealed record OnnxClip(float[] Samples, float[]? Features);
