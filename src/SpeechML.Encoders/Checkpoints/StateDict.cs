using SpeechML.Encoders.Checkpoints.Pickle;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>Finds the state dict in what a pickle holds.</summary>
internal static class StateDict
{
    /// <summary>Where training scripts put the state dict beside their other values.</summary>
    private static readonly string[] s_wrappers =
        ["state_dict", "model_state_dict", "model", "model_state", "weights", "module"];

    /// <summary>The tensors by name: of the object itself, or of what lies in it under a known name.</summary>
    /// <exception cref="CheckpointException">There is no dict of tensors, or something else lies where a parameter
    /// should.</exception>
    public static Dictionary<string, TensorReference> Find(string file, object? root)
    {
        if (root is not PickleDict dict)
        {
            throw new CheckpointException(file, null, "a state dict (a dict of tensors)", PickleOpcodes.Describe(root));
        }
        PickleDict found = Unwrap(dict, depth: 0) ?? dict;
        var tensors = new Dictionary<string, TensorReference>(StringComparer.Ordinal);
        foreach ((object key, object? value) in found.Items ?? [])
        {
            if (value is TensorReference tensor && key is string name)
            {
                tensors.Add(name, tensor);
            }
            else if (value is TensorReference)
            {
                throw new CheckpointException(file, null, "texts as names of tensors", PickleOpcodes.Describe(key));
            }
            // A module may keep a picklable value of its own under this name (torch.nn.Module.get_extra_state).
            else if (key is string path && path.Contains('.')
                && !path.EndsWith("_extra_state", StringComparison.Ordinal))
            {
                throw new CheckpointException(file, path, "a tensor", PickleOpcodes.Describe(value));
            }
        }
        if (tensors.Count == 0)
        {
            string keys = string.Join(
                ", ", (found.Items?.Keys ?? Enumerable.Empty<object>()).Take(8)
                .Select(k => $"'{CheckpointException.Shorten(k.ToString()!)}'"));
            throw new CheckpointException(
                file, null, $"a state dict (a dict of tensors), or one under '{string.Join("', '", s_wrappers)}'",
                $"a dict without tensors; its keys are {(keys.Length == 0 ? "none" : keys)}");
        }
        return tensors;
    }

    /// <summary>
    /// Every tensor that can be reached from an object, each container visited once: objects may share or hold
    /// themselves.
    /// </summary>
    public static IEnumerable<TensorReference> TensorsIn(object? root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var left = new Stack<object?>([root]);
        while (left.TryPop(out object? value))
        {
            if (value is TensorReference tensor)
            {
                yield return tensor;
            }
            else if (value is PickleDict { Items: { } dict } && seen.Add(dict))
            {
                foreach (object? item in dict.Values)
                {
                    left.Push(item);
                }
            }
            else if (value is PickleList { Items: { } list } && seen.Add(list))
            {
                list.ForEach(left.Push);
            }
        }
    }

    private static PickleDict? Unwrap(PickleDict dict, int depth)
    {
        const int Deepest = 3;
        if (depth == Deepest)
        {
            return null;
        }
        foreach (string wrapper in s_wrappers)
        {
            if (dict[wrapper] is PickleDict inner
                && (Unwrap(inner, depth + 1) ?? (HoldsTensors(inner) ? inner : null)) is { } found)
            {
                return found;
            }
        }
        return null;
    }

    private static bool HoldsTensors(PickleDict dict) =>
        dict.Items is not null && dict.Items.Values.Any(v => v is TensorReference);
}
