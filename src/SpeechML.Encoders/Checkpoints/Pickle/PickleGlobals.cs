namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>
/// The only names a pickle may use. They stand for values of this library; nothing is ever looked up or called by name.
/// </summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<(string Module, string Name), object> s_allowed = new()
    {
        [("collections", "OrderedDict")] = PickleFunction.OrderedDict,
        [("torch._utils", "_rebuild_tensor")] = PickleFunction.RebuildTensor,
        [("torch._utils", "_rebuild_tensor_v2")] = PickleFunction.RebuildTensorV2,
        [("torch._utils", "_rebuild_parameter")] = PickleFunction.RebuildParameter,
        [("torch", "FloatStorage")] = new StorageKind("F32"),
        [("torch", "HalfStorage")] = new StorageKind("F16"),
        [("torch", "BFloat16Storage")] = new StorageKind("BF16"),
        [("torch", "DoubleStorage")] = new StorageKind("F64"),
        [("torch", "LongStorage")] = new StorageKind("I64"),
        [("torch", "IntStorage")] = new StorageKind("I32"),
        [("torch", "ShortStorage")] = new StorageKind("I16"),
        [("torch", "CharStorage")] = new StorageKind("I8"),
        [("torch", "ByteStorage")] = new StorageKind("U8"),
        [("torch", "BoolStorage")] = new StorageKind("BOOL"),
    };

    /// <summary>What is allowed, for messages.</summary>
    public static string Allowed { get; } = string.Join(", ", s_allowed.Keys.Select(k => $"{k.Module}.{k.Name}"));

    /// <summary>
    /// The value a name stands for, or <see langword="null"/> where it is not allowed. Names are compared whole: a
    /// dotted name reaches nothing.
    /// </summary>
    public static object? Find(string module, string name) => s_allowed.GetValueOrDefault((module, name));
}
