using SpeechML.Data.Onnx;

namespace SpeechML.Onnx.Wire;

/// <summary>
/// An ONNX file that SpeechML wrote: what its metadata say, and parts of its graph as models of their own.
/// </summary>
internal sealed class OnnxFile
{
    // Field numbers of onnx/onnx.proto.
    private const int ModelGraph = 7;
    private const int ModelMetadata = 14;
    private const int EntryKey = 1;
    private const int EntryValue = 2;
    private const int GraphNode = 1;
    private const int GraphInitializer = 5;
    private const int GraphInput = 11;
    private const int GraphOutput = 12;
    private const int NodeName = 3;
    private const int TensorName = 8;
    private const int TensorLocation = 14;
    private const int ValueName = 1;

    private const ulong Float = 1;
    private const ulong External = 1;

    private readonly List<WireField> _model;
    private readonly List<WireField> _graph;

    private OnnxFile(byte[] bytes)
    {
        Bytes = bytes;
        _model = [.. WireReader.Fields(bytes, 0, bytes.Length)];
        Metadata = ReadMetadata();
        WireField[] graphs = [.. _model.Where(f => f.Number == ModelGraph)];
        _graph = graphs is [{ Type: WireField.Bytes } graph]
            ? [.. WireReader.Fields(bytes, graph.Content, graph.End)]
            : throw new FormatException($"expected one graph, got {graphs.Length}");
        HasExternalData = _graph.Any(f => f.Number == GraphInitializer && WireReader.Fields(bytes, f.Content, f.End)
            .Any(t => t.Number == TensorLocation && t.Value == External));
    }

    public byte[] Bytes { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Whether weights are in a second file.</summary>
    public bool HasExternalData { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is no ONNX model, or cut off; the message has no name.</exception>
    public static OnnxFile Read(byte[] bytes) => new(bytes);

    /// <summary>
    /// The whole model with more outputs; where samples come normalised, without what normalises them.
    /// </summary>
    public byte[] Main(bool normalized, IEnumerable<string> outputs) => Write(
        name => normalized && IsIn(name, OnnxParts.Normalization) ? false : true,
        normalized ? input => input == OnnxParts.AudioInput ? OnnxParts.Waveform : input : input => input,
        _ => true, outputs, null);

    /// <summary>What is behind a value, as a model whose input it is.</summary>
    /// <param name="input">The value, (batch, size).</param>
    /// <param name="others">Inputs of the whole model that are needed behind it.</param>
    /// <param name="scopes">The scopes of the nodes behind it.</param>
    /// <param name="keep">The outputs that stay.</param>
    /// <param name="outputs">Further outputs.</param>
    public byte[] Tail(
        string input, string[] others, string[] scopes, IReadOnlyCollection<string> keep,
        IEnumerable<string> outputs) => Write(
        name => scopes.Any(s => IsIn(name, s)), name => others.Contains(name) ? name : "", keep.Contains, outputs,
        input);

    private static bool IsIn(string name, string scope) => name.StartsWith(scope + ".", StringComparison.Ordinal);

    private byte[] Write(
        Func<string, bool> keeps, Func<string, string> input, Func<string, bool> keepsOutput,
        IEnumerable<string> outputs, string? newInput)
    {
        var graph = new WireWriter();
        foreach (WireField field in _graph)
        {
            string name = field.Number switch
            {
                GraphNode => Name(field, NodeName),
                GraphInitializer => Name(field, TensorName),
                GraphInput or GraphOutput => Name(field, ValueName),
                _ => "",
            };
            switch (field.Number)
            {
                case GraphNode or GraphInitializer when !keeps(name):
                case GraphOutput when !keepsOutput(name):
                    continue;
                case GraphInput when input(name) != name:
                    if (input(name).Length > 0)
                    {
                        graph.Add(GraphInput, Value(input(name), 2));
                    }
                    continue;
                default:
                    graph.Copy(Bytes, field);
                    break;
            }
        }
        if (newInput is not null)
        {
            graph.Add(GraphInput, Value(newInput, 2));
        }
        foreach (string output in outputs)
        {
            graph.Add(GraphOutput, Value(output, null));
        }
        var model = new WireWriter();
        foreach (WireField field in _model)
        {
            _ = field.Number == ModelGraph ? model.Add(ModelGraph, graph) : model.Copy(Bytes, field);
        }
        return model.ToArray();
    }

    // A float32 value; its shape is inferred where there is no rank.
    private static WireWriter Value(string name, int? rank)
    {
        WireWriter tensor = new WireWriter().Add(1, Float);
        if (rank is { } axes)
        {
            var shape = new WireWriter();
            for (int axis = 0; axis < axes; axis++)
            {
                shape.Add(1, new WireWriter());
            }
            tensor.Add(2, shape);
        }
        return new WireWriter().Add(ValueName, name).Add(2, new WireWriter().Add(1, tensor));
    }

    private Dictionary<string, string> ReadMetadata()
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (WireField entry in _model.Where(f => f.Number == ModelMetadata && f.Type == WireField.Bytes))
        {
            read[Name(entry, EntryKey)] = Name(entry, EntryValue);
        }
        return read;
    }

    private string Name(WireField message, int number)
    {
        if (message.Type != WireField.Bytes)
        {
            return "";
        }
        foreach (WireField field in WireReader.Fields(Bytes, message.Content, message.End))
        {
            if (field.Number == number)
            {
                return WireReader.Text(Bytes, field);
            }
        }
        return "";
    }
}
