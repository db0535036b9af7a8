using SpeechML.Encoders.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Model;

/// <summary>
/// Copies of what training changes: parameters that take gradient, and the buffers beside them (running statistics).
/// What is frozen is not in it.
/// </summary>
internal sealed class WeightSnapshot : IDisposable
{
    private readonly Dictionary<string, Tensor> _values = new(StringComparer.Ordinal);

    /// <summary>The copies, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Values => _values;

    /// <summary>The live tensors that training changes, by name.</summary>
    public static SortedDictionary<string, Tensor> Live(SpeechNetwork network)
    {
        using WeightAccess access = WeightAccess.Begin();
        var live = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        var owners = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, Parameter parameter) in network.named_parameters().Where(p => p.parameter.requires_grad))
        {
            live[name] = parameter;
            owners.Add(Owner(name));
        }
        foreach ((string name, Tensor buffer) in network.named_buffers().Where(b => owners.Contains(Owner(b.name))))
        {
            live[name] = buffer;
        }
        return live;
    }

    /// <summary>Takes copies, replacing earlier ones.</summary>
    public void Take(IEnumerable<KeyValuePair<string, Tensor>> live)
    {
        using IDisposable noGradients = no_grad();
        foreach ((string name, Tensor value) in live)
        {
            if (_values.TryGetValue(name, out Tensor? copy))
            {
                _ = copy.copy_(value);
            }
            else
            {
                using Tensor detached = value.detach();
                _values[name] = detached.clone().DetachFromDisposeScope();
            }
        }
    }

    /// <summary>Copies values into live tensors of the same names.</summary>
    public static void Copy(IReadOnlyDictionary<string, Tensor> values, SortedDictionary<string, Tensor> live)
    {
        using IDisposable noGradients = no_grad();
        foreach ((string name, Tensor value) in values)
        {
            _ = live[name].copy_(value);
        }
    }

    public void Dispose()
    {
        foreach (Tensor value in _values.Values)
        {
            value.Dispose();
        }
        _values.Clear();
    }

    /// <summary>The module that a parameter or buffer belongs to.</summary>
    private static string Owner(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];
}
