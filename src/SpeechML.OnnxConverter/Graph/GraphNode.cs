namespace SpeechML.OnnxConverter.Graph;

/// <summary>One operator of the graph.</summary>
/// <param name="Name">Its name: scope and number.</param>
/// <param name="Operator">ONNX's name of it.</param>
/// <param name="Inputs">The values that it takes.</param>
/// <param name="Outputs">The values that it makes.</param>
/// <param name="Attributes">Each a <see cref="long"/>, a <see cref="float"/>, a string or a <c>long[]</c>.</param>
internal sealed record GraphNode(
    string Name, string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs,
    IReadOnlyList<(string Name, object Value)> Attributes);

/// <summary>A constant.</summary>
/// <param name="Name">The value's name.</param>
/// <param name="Type">What its elements are.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Values">An array of float, double, long, Half or string.</param>
internal sealed record GraphConstant(string Name, ElementType Type, long[] Shape, Array Values);

/// <summary>An input or output of the graph.</summary>
/// <param name="Name">The value's name.</param>
/// <param name="Type">What its elements are.</param>
/// <param name="Shape">Numbers of elements, or the name of one that differs from call to call.</param>
internal sealed record GraphValue(string Name, ElementType Type, IReadOnlyList<object> Shape);
