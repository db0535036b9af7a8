namespace SpeechML.Onnx.Running;

/// <summary>What a model makes of one clip.</summary>
/// <param name="Columns">For each column an array of its elements: numbers, Booleans or a key.</param>
internal sealed record OnnxRow(Array[] Columns);
