using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Training.Optimization;

/// <summary>
/// Changes parameters by their gradients. A parameter without gradient is left alone, not even decayed; a zero gradient
/// is a step. The state is kept
/// per parameter name so that a run can be resumed to the bit; TorchSharp's optimizers keep theirs by native handle.
/// </summary>
internal abstract class ParameterOptimizer : IDisposable
{
    private readonly SortedDictionary<string, Tensor> _state = new(StringComparer.Ordinal);

    /// <summary>Creates the base.</summary>
    /// <exception cref="ArgumentException">A parameter name occurs twice.</exception>
    protected ParameterOptimizer(IReadOnlyList<OptimizerGroup> groups)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in groups.SelectMany(g => g.Parameters).Select(p => p.Name))
        {
            if (!names.Add(name))
            {
                throw new ArgumentException(
                    $"Optimizer expected every parameter in one group, got '{name}' twice.", nameof(groups));
            }
        }
        Groups = groups;
    }

    /// <summary>The parameters and their settings.</summary>
    public IReadOnlyList<OptimizerGroup> Groups { get; }

    /// <summary>
    /// The state by name: <c>PARAMETER.exp_avg</c>, <c>PARAMETER.step</c>, ...; the tensors stay the optimizer's.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>One step with the gradients that the parameters hold.</summary>
    public void Step()
    {
        using IDisposable noGradients = no_grad();
        foreach (OptimizerGroup group in Groups)
        {
            foreach ((string name, Parameter parameter) in group.Parameters)
            {
                using DisposeScope scope = NewDisposeScope();
                if (parameter.grad is Tensor gradient)
                {
                    Update(group, name, parameter, gradient);
                }
            }
        }
    }

    /// <summary>Forgets all gradients.</summary>
    public void ClearGradients()
    {
        foreach (Parameter parameter in Groups.SelectMany(g => g.Parameters).Select(p => p.Parameter))
        {
            using Tensor? gradient = parameter.grad;
            if (gradient is not null)
            {
                parameter.grad = null;
            }
        }
    }

    /// <summary>Replaces the state by a saved one.</summary>
    /// <exception cref="ArgumentException">A name belongs to no parameter of this optimizer, or its size is
    /// another.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        var sizes = Groups.SelectMany(g => g.Parameters)
            .ToDictionary(p => p.Name, p => p.Parameter, StringComparer.Ordinal);
        foreach ((string key, Tensor value) in state)
        {
            string parameter = key[..Math.Max(0, key.LastIndexOf('.'))];
            if (!sizes.TryGetValue(parameter, out Parameter? of))
            {
                throw new ArgumentException(
                    $"Optimizer state '{key}' belongs to no parameter in training.", nameof(state));
            }
            if (value.dim() > 0 && !value.shape.AsSpan().SequenceEqual(of.shape))
            {
                throw new ArgumentException(
                    $"Optimizer state '{key}': expected shape ({string.Join(", ", of.shape)}), got " +
                    $"({string.Join(", ", value.shape)}).", nameof(state));
            }
        }
        ClearState();
        using IDisposable noGradients = no_grad();
        foreach ((string key, Tensor value) in state)
        {
            // counters stay on the CPU: reading them must not wait for a device
            Tensor copy = value.dim() == 0 ? value.to(CPU) : value.to(sizes[key[..key.LastIndexOf('.')]].device);
            _state[key] = copy.clone().DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ClearState();
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes one parameter, inside a dispose scope.</summary>
    protected abstract void Update(OptimizerGroup group, string name, Tensor parameter, Tensor gradient);

    /// <summary>A state tensor, made on first use.</summary>
    protected Tensor StateOf(string parameter, string what, Func<Tensor> create)
    {
        string key = $"{parameter}.{what}";
        if (!_state.TryGetValue(key, out Tensor? value))
        {
            _state[key] = value = create().DetachFromDisposeScope();
        }
        return value;
    }

    /// <summary>Whether a state tensor exists.</summary>
    protected bool HasState(string parameter, string what) => _state.ContainsKey($"{parameter}.{what}");

    /// <summary>Counts a step of a parameter and returns its number, from 1.</summary>
    protected long NextStep(string parameter)
    {
        Tensor step = StateOf(parameter, "step", () => zeros([], int64));
        step.add_(Scalars.Of(1), Scalars.Of(1));
        return step.item<long>();
    }

    private void ClearState()
    {
        foreach (Tensor value in _state.Values)
        {
            value.Dispose();
        }
        _state.Clear();
    }
}
