namespace SpeechML.OnnxConverter.Graph;

/// <content>Arithmetic on the graph's values.</content>
internal sealed partial class GraphBuilder
{
    public string Add(string a, string b) => Op("Add", a, b);

    public string Sub(string a, string b) => Op("Sub", a, b);

    public string Mul(string a, string b) => Op("Mul", a, b);

    public string Div(string a, string b) => Op("Div", a, b);

    public string MatMul(string a, string b) => Op("MatMul", a, b);

    public string Where(string condition, string yes, string no) => Op("Where", condition, yes, no);

    public string Less(string a, string b) => Op("Less", a, b);

    public string Not(string a) => Op("Not", a);

    public string Cast(string value, ElementType type) => Op("Cast", [value], ("to", (long)type));

    public string Transpose(string value, params long[] order) => Op("Transpose", [value], ("perm", order));

    /// <summary>A shape in which 0 stands for what there is and -1 for what is left.</summary>
    public string Reshape(string value, params long[] shape) => Op("Reshape", value, Vector(shape));

    public string Unsqueeze(string value, params long[] axes) => Op("Unsqueeze", [value], ("axes", axes));

    public string Squeeze(string value, params long[] axes) => Op("Squeeze", [value], ("axes", axes));

    public string Concat(int axis, params string[] values) =>
        values.Length == 1 ? values[0] : Op("Concat", values, ("axis", (long)axis));

    /// <summary>The value repeated along axes where it has one element; 1 of the shape asks for nothing.</summary>
    public string Expand(string value, params long[] shape) => Op("Expand", value, Vector(shape));

    /// <summary>A constant put behind the end of each axis, so often as said.</summary>
    public string Pad(string value, float constant, params long[] after) =>
        Op("Pad", value, Vector([.. after.Select(_ => 0L), .. after]), Constant(constant));

    public string Softmax(string value) => Op("Softmax", [value], ("axis", -1L));

    public string Sum(string value, bool keep, params long[] axes) => Reduce("ReduceSum", value, keep, axes);

    public string Reduce(string type, string value, bool keep, params long[] axes) =>
        Op(type, [value], ("axes", axes), ("keepdims", keep ? 1L : 0L));

    /// <summary>From start to before end along an axis.</summary>
    public string Slice(string value, int axis, long start, long end) =>
        Op("Slice", value, Vector(start), Vector(end), Vector(axis));

    /// <summary>How many elements there are along an axis: a scalar.</summary>
    public string Size(string value, long axis) => Op("Gather", [Op("Shape", value), Constant(axis)], ("axis", 0L));

    /// <summary>0, 1 … below a scalar.</summary>
    public string Range(string end) => Op("Range", Constant(0L), end, Constant(1L));

    /// <summary>The smaller of whole numbers, which Min of this operator set does not take.</summary>
    public string Min(string a, string b) => Where(Less(a, b), a, b);

    /// <summary>The greater of whole numbers.</summary>
    public string Max(string a, string b) => Where(Less(a, b), b, a);

    /// <summary>1 / (1 + e^-x) in the precision of x, a double.</summary>
    public string SigmoidDouble(string x) =>
        Div(Constant(1.0), Add(Constant(1.0), Op("Exp", Op("Neg", x))));

    /// <summary>Softmax over the last axis of doubles.</summary>
    public string SoftmaxDouble(string x)
    {
        string powers = Op("Exp", Sub(x, Reduce("ReduceMax", x, true, -1)));
        return Div(powers, Sum(powers, true, -1));
    }

    /// <summary>Exact GELU, in the form that runtimes know and fuse.</summary>
    public string Gelu(string x)
    {
        string error = Op("Erf", Div(x, Constant((float)Math.Sqrt(2))));
        return Mul(Mul(x, Add(error, Constant(1f))), Constant(0.5f));
    }

    /// <summary>Layer normalisation over the last axis, in the form that runtimes know and fuse.</summary>
    public string LayerNorm(string x, string weight, string bias, double epsilon)
    {
        string centred = Sub(x, Reduce("ReduceMean", x, true, -1));
        string variance = Reduce("ReduceMean", Op("Pow", centred, Constant(2f)), true, -1);
        string scaled = Div(centred, Op("Sqrt", Add(variance, Constant((float)epsilon))));
        return Add(Mul(scaled, weight), bias);
    }

    /// <summary>Whether position t of row b lies before <paramref name="lengths"/> of it.</summary>
    /// <param name="lengths">(batch) whole numbers.</param>
    /// <param name="size">A scalar: how many positions.</param>
    /// <returns>(batch, positions) Boolean.</returns>
    public string Before(string lengths, string size) => Less(Range(size), Unsqueeze(lengths, 1));
}
