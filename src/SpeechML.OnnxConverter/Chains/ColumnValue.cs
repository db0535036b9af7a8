using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Chains;

/// <summary>A column's value in the graph.</summary>
/// <param name="Value">The value, (batch, size).</param>
/// <param name="Type">What its elements are.</param>
/// <param name="Size">Slots; 1 of a scalar.</param>
internal sealed record ColumnValue(string Value, ElementType Type, long Size);
