using SpeechML.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.OnnxConverter.Graph;

/// <summary>The weights of a network by their names, adapters folded in.</summary>
internal sealed class ModelTensors
{
    private readonly Dictionary<string, Tensor> _tensors;

    private ModelTensors(Dictionary<string, Tensor> tensors)
    {
        _tensors = tensors;
    }

    /// <summary>Of a module; within a dispose scope and without gradients, which are the caller's.</summary>
    public static ModelTensors Of(nn.Module module) => new(MergedWeights.Of(module));

    public bool Has(string name) => _tensors.ContainsKey(name);

    public long[] Shape(string name) => Find(name).shape;

    public float[] Values(string name) => Values(Find(name));

    /// <summary>
    /// The weight of a linear map, or of a convolution of one tap, as the right side of a product: (inputs, outputs).
    /// </summary>
    public float[] Transposed(string name) => Values(Find(name).flatten(1).t());

    /// <summary>The bias of a linear map; zeros where it has none.</summary>
    public float[] Bias(string name, long size) => Has(name + ".bias") ? Values(name + ".bias") : new float[size];

    /// <summary>How many there are of parts that are numbered from 0, such as <c>layers.0.</c>.</summary>
    public int Count(string prefix)
    {
        int count = 0;
        while (_tensors.Keys.Any(name =>
            name.StartsWith(FormattableString.Invariant($"{prefix}{count}."), StringComparison.Ordinal)))
        {
            count++;
        }
        return count;
    }

    public static float[] Values(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }

    private Tensor Find(string name) => _tensors.TryGetValue(name, out Tensor? tensor) ? tensor
        : throw new InvalidOperationException($"ONNX converter: expected a weight '{name}' in the model, found none.");
}
