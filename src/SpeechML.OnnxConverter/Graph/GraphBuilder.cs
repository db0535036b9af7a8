using System.Globalization;

namespace SpeechML.OnnxConverter.Graph;

/// <summary>
/// Collects the operators of a graph. Methods take names of values and give the name of the value that they make.
/// <see cref="Math"/> has the arithmetic.
/// </summary>
/// <param name="half">Whether weights are kept as float16, and widened where they are used.</param>
internal sealed partial class GraphBuilder(bool half = false)
{
    /// <summary>
    /// The operator set: of 11 are Range, Pad by a computed amount and Clip by a value, which the graphs need.
    /// </summary>
    public const int OperatorSet = 11;

    // Smaller ones are not worth a node that widens them.
    private const int LeastHalfWeights = 256;

    private readonly List<GraphNode> _nodes = [];
    private readonly List<GraphConstant> _constants = [];
    private readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private string _scope = "";
    private int _count;

    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>The constants that nodes read: runtimes warn of others.</summary>
    public IReadOnlyList<GraphConstant> Constants
    {
        get
        {
            HashSet<string> read = [.. _nodes.SelectMany(n => n.Inputs)];
            return [.. _constants.Where(c => read.Contains(c.Name))];
        }
    }

    public List<GraphValue> Inputs { get; } = [];

    public List<GraphValue> Outputs { get; } = [];

    /// <summary>Puts a part's name before those of its nodes and constants, until it is disposed.</summary>
    public IDisposable Scope(string name)
    {
        var scope = new ScopeEnd(this, _scope);
        _scope = _scope.Length == 0 ? name + "." : _scope + name + ".";
        return scope;
    }

    public string Input(string name, ElementType type, params object[] shape)
    {
        Inputs.Add(new GraphValue(Taken(name), type, shape));
        return name;
    }

    /// <summary>Makes a value an output of the graph, under a name.</summary>
    public void Output(string value, string name, ElementType type, params object[] shape)
    {
        Named("Identity", name, [value]);
        Outputs.Add(new GraphValue(name, type, shape));
    }

    public string Op(string type, params string[] inputs) => Op(type, inputs, []);

    public string Op(string type, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = NewName(type);
        _nodes.Add(new GraphNode(output, type, inputs, [output], attributes));
        return output;
    }

    /// <summary>An operator of several outputs.</summary>
    public string[] Ops(int outputs, string type, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string name = NewName(type);
        string[] made = [.. Enumerable.Range(0, outputs).Select(i => Taken($"{name}.{i}"))];
        _nodes.Add(new GraphNode(name, type, inputs, made, attributes));
        return made;
    }

    /// <summary>An operator whose value has a name of its own.</summary>
    public string Named(string type, string output, string[] inputs)
    {
        _nodes.Add(new GraphNode(NewName(type), type, inputs, [Taken(output)], []));
        return output;
    }

    /// <summary>A weight: float32, or float16 and widened.</summary>
    public string Weight(float[] values, params long[] shape)
    {
        if (!half || values.Length < LeastHalfWeights)
        {
            return Constant(ElementType.Float, values, shape);
        }
        string narrow = Constant(ElementType.Float16, Array.ConvertAll(values, v => (Half)v), shape);
        return Cast(narrow, ElementType.Float);
    }

    public string Constant(float value) => Shared("f" + value.ToString("R", CultureInfo.InvariantCulture),
        () => Constant(ElementType.Float, new[] { value }));

    public string Constant(double value) => Shared("d" + value.ToString("R", CultureInfo.InvariantCulture),
        () => Constant(ElementType.Double, new[] { value }));

    public string Constant(long value) => Shared("i" + value.ToString(CultureInfo.InvariantCulture),
        () => Constant(ElementType.Int64, new[] { value }));

    /// <summary>A vector of whole numbers.</summary>
    public string Vector(params long[] values) => Shared("v" + string.Join(',', values),
        () => Constant(ElementType.Int64, values, values.Length));

    public string Constant(ElementType type, Array values, params long[] shape)
    {
        string name = NewName("constant");
        _constants.Add(new GraphConstant(name, type, shape, values));
        return name;
    }

    private string Shared(string key, Func<string> make)
    {
        // Of one scope: a part of the graph that is run alone has its own constants.
        key = _scope.Split('.', 2)[0] + key;
        return _shared.TryGetValue(key, out string? name) ? name : _shared[key] = make();
    }

    private string NewName(string kind) =>
        Taken($"{_scope}{kind}_{(_count++).ToString(CultureInfo.InvariantCulture)}");

    private string Taken(string name) => _names.Add(name) ? name : throw new ArgumentException(
        $"ONNX graph: expected another name for each of its values, got '{name}' twice. Rename the column.");

    private sealed class ScopeEnd(GraphBuilder builder, string before) : IDisposable
    {
        public void Dispose() => builder._scope = before;
    }
}
