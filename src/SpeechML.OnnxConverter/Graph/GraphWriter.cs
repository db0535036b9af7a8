using System.Runtime.InteropServices;
using SpeechML.OnnxConverter.Proto;

namespace SpeechML.OnnxConverter.Graph;

/// <summary>Writes a graph as an ONNX file.</summary>
internal static class GraphWriter
{
    /// <summary>Bytes of constants from which weights go into a second file: a message holds less than 2 GB.</summary>
    public const long MaxInside = 1_900_000_000;

    // Of operator set 11.
    private const int IrVersion = 6;

    // A multiple of what systems map into memory.
    private const int ExternalAlignment = 4096;

    // Smaller constants stay in the file: shapes are read from them, and the head is run alone by SpeechML.Onnx.
    private const int LeastExternal = 1024;

    /// <summary>Writes the model, with weights in <c>path.data</c> where they are too many.</summary>
    public static void Write(
        GraphBuilder graph, IReadOnlyList<(string Key, string Value)> metadata, string path, long maxInside)
    {
        Dictionary<string, (long Offset, long Length)> outside = [];
        string data = path + ".data";
        if (graph.Constants.Sum(Bytes) > maxInside)
        {
            using FileStream stream = File.Create(data);
            foreach (GraphConstant constant in graph.Constants.Where(IsExternal))
            {
                stream.Position = (stream.Position + ExternalAlignment - 1) / ExternalAlignment * ExternalAlignment;
                ReadOnlyMemory<byte> bytes = Raw(constant);
                outside.Add(constant.Name, (stream.Position, bytes.Length));
                stream.Write(bytes.Span);
            }
        }
        else
        {
            File.Delete(data); // of a model that was here before
        }
        using FileStream file = File.Create(path);
        Model(graph, metadata, outside, Path.GetFileName(data)).WriteTo(file);
    }

    /// <summary>Writes the model into a stream.</summary>
    /// <exception cref="InvalidOperationException">It is too large for one file.</exception>
    public static void Write(GraphBuilder graph, IReadOnlyList<(string Key, string Value)> metadata, Stream stream)
    {
        if (graph.Constants.Sum(Bytes) > MaxInside)
        {
            throw new InvalidOperationException(
                "ONNX model: expected less than 1.9 GB of weights, which one stream can hold, got more. Save it to a " +
                "path, beside which a second file takes the weights, or with float16 weights.");
        }
        Model(graph, metadata, [], "").WriteTo(stream);
    }

    private static bool IsExternal(GraphConstant constant) =>
        Bytes(constant) >= LeastExternal && !constant.Name.StartsWith("head.", StringComparison.Ordinal)
            && !constant.Name.StartsWith("output.", StringComparison.Ordinal);

    private static long Bytes(GraphConstant constant) => constant.Values.LongLength * constant.Type switch
    {
        ElementType.Float16 => 2,
        ElementType.Float => sizeof(float),
        _ => sizeof(double),
    };

    private static ProtoMessage Model(
        GraphBuilder graph, IReadOnlyList<(string Key, string Value)> metadata,
        Dictionary<string, (long Offset, long Length)> outside, string data)
    {
        ProtoMessage body = new ProtoMessage()
            .Add(OnnxFields.Graph.Node, graph.Nodes.Select(Node))
            .Add(OnnxFields.Graph.Name, "speech")
            .Add(OnnxFields.Graph.Initializer, graph.Constants.Select(c => Tensor(c, outside, data)))
            .Add(OnnxFields.Graph.Input, graph.Inputs.Select(Value))
            .Add(OnnxFields.Graph.Output, graph.Outputs.Select(Value));
        string version = typeof(GraphWriter).Assembly.GetName().Version!.ToString(3);
        return new ProtoMessage()
            .Add(OnnxFields.Model.IrVersion, IrVersion)
            .Add(OnnxFields.Model.ProducerName, "SpeechML")
            .Add(OnnxFields.Model.ProducerVersion, version)
            .Add(OnnxFields.Model.OpsetImport, new ProtoMessage()
                .Add(OnnxFields.OperatorSet.Domain, "")
                .Add(OnnxFields.OperatorSet.Version, GraphBuilder.OperatorSet))
            // Before the graph: what is ours is seen without reading the weights.
            .Add(OnnxFields.Model.MetadataProps, metadata.Select(m => Entry(m.Key, m.Value)))
            .Add(OnnxFields.Model.Graph, body);
    }

    private static ProtoMessage Entry(string key, string value) => new ProtoMessage()
        .Add(OnnxFields.Entry.Key, key).Add(OnnxFields.Entry.Value, value);

    private static ProtoMessage Node(GraphNode node)
    {
        var message = new ProtoMessage();
        foreach (string input in node.Inputs)
        {
            message.Add(OnnxFields.Node.Input, input);
        }
        foreach (string output in node.Outputs)
        {
            message.Add(OnnxFields.Node.Output, output);
        }
        return message.Add(OnnxFields.Node.Name, node.Name).Add(OnnxFields.Node.OpType, node.Operator)
            .Add(OnnxFields.Node.Attribute, node.Attributes.Select(a => Attribute(a.Name, a.Value)));
    }

    private static ProtoMessage Attribute(string name, object value)
    {
        ProtoMessage message = new ProtoMessage().Add(OnnxFields.Attribute.Name, name);
        return value switch
        {
            long number => message.Add(OnnxFields.Attribute.Int, number)
                .Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeInt),
            float number => message.Add(OnnxFields.Attribute.Float, number)
                .Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeFloat),
            string text => message.Add(OnnxFields.Attribute.String, text)
                .Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeString),
            long[] numbers => message.Add(OnnxFields.Attribute.Ints, numbers.AsSpan())
                .Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeInts),
            _ => throw new ArgumentException(
                $"Attribute '{name}': expected a number, text or numbers, got {value.GetType()}.", nameof(value)),
        };
    }

    private static ProtoMessage Tensor(
        GraphConstant constant, Dictionary<string, (long Offset, long Length)> outside, string data)
    {
        ProtoMessage message = new ProtoMessage()
            .Add(OnnxFields.Tensor.Dims, constant.Shape.AsSpan())
            .Add(OnnxFields.Tensor.DataType, (long)constant.Type)
            .Add(OnnxFields.Tensor.Name, constant.Name);
        if (constant.Values is string[] texts)
        {
            Array.ForEach(texts, text => message.Add(OnnxFields.Tensor.StringData, text));
            return message;
        }
        if (!outside.TryGetValue(constant.Name, out (long Offset, long Length) place))
        {
            return message.Add(OnnxFields.Tensor.RawData, Raw(constant));
        }
        return message
            .Add(OnnxFields.Tensor.ExternalData, Entry("location", data))
            .Add(OnnxFields.Tensor.ExternalData, Entry("offset", FormattableString.Invariant($"{place.Offset}")))
            .Add(OnnxFields.Tensor.ExternalData, Entry("length", FormattableString.Invariant($"{place.Length}")))
            .Add(OnnxFields.Tensor.DataLocation, OnnxFields.Tensor.External);
    }

    private static ProtoMessage Value(GraphValue value)
    {
        var shape = new ProtoMessage();
        foreach (object size in value.Shape)
        {
            ProtoMessage dimension = size is string name
                ? new ProtoMessage().Add(OnnxFields.Type.DimensionName, name)
                : new ProtoMessage().Add(OnnxFields.Type.DimensionValue, Convert.ToInt64(size, null));
            shape.Add(OnnxFields.Type.Dimension, dimension);
        }
        ProtoMessage tensor = new ProtoMessage()
            .Add(OnnxFields.Type.ElementType, (long)value.Type).Add(OnnxFields.Type.Shape, shape);
        return new ProtoMessage().Add(OnnxFields.ValueInfo.Name, value.Name)
            .Add(OnnxFields.ValueInfo.Type, new ProtoMessage().Add(OnnxFields.Type.TensorType, tensor));
    }

    // The format's raw data are little-endian.
    private static ReadOnlyMemory<byte> Raw(GraphConstant constant)
    {
        byte[] bytes = new byte[Bytes(constant)];
        switch (constant.Values)
        {
            case float[] values:
                MemoryMarshal.AsBytes<float>(values).CopyTo(bytes);
                break;
            case double[] values:
                MemoryMarshal.AsBytes<double>(values).CopyTo(bytes);
                break;
            case long[] values:
                MemoryMarshal.AsBytes<long>(values).CopyTo(bytes);
                break;
            case Half[] values:
                MemoryMarshal.AsBytes<Half>(values).CopyTo(bytes);
                break;
        }
        if (!BitConverter.IsLittleEndian)
        {
            Swap(bytes, (int)(bytes.Length / constant.Values.LongLength));
        }
        return bytes;
    }

    private static void Swap(byte[] bytes, int size)
    {
        for (int at = 0; at < bytes.Length; at += size)
        {
            bytes.AsSpan(at, size).Reverse();
        }
    }
}
