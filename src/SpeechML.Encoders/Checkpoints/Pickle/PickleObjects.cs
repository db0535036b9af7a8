namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>
/// A pickle's tuple or list. Other values: <see cref="string"/>, <see cref="long"/>,
/// <see cref="System.Numerics.BigInteger"/>, <see cref="double"/>, <see cref="bool"/>, <see langword="null"/>.
/// </summary>
internal sealed class PickleList(bool isTuple, List<object?>? items = null)
{
    public bool IsTuple { get; } = isTuple;

    // A list of one byte in the file must not cost an array.
    public List<object?>? Items { get; private set; } = items;

    public int Count => Items?.Count ?? 0;

    public void Add(object? value) => (Items ??= []).Add(value);
}

/// <summary>A pickle's dict or OrderedDict; keys are texts and whole numbers.</summary>
internal sealed class PickleDict(bool isOrderedDict)
{
    /// <summary>
    /// Whether it came from <c>collections.OrderedDict</c>, which alone may carry attributes (BUILD).
    /// </summary>
    public bool IsOrderedDict { get; } = isOrderedDict;

    public Dictionary<object, object?>? Items { get; private set; }

    public int Count => Items?.Count ?? 0;

    public object? this[string key] => Items is not null && Items.TryGetValue(key, out object? value) ? value : null;

    public bool TryAdd(object key, object? value) => (Items ??= []).TryAdd(key, value);
}

/// <summary>What a pickle may name.</summary>
internal enum PickleFunction
{
    OrderedDict,
    RebuildTensor,
    RebuildTensorV2,
    RebuildParameter,
}

/// <summary>A storage class that a pickle named, such as <c>torch.FloatStorage</c>.</summary>
/// <param name="DType">The element type as safetensors spells it.</param>
internal sealed record StorageKind(string DType);

/// <summary>A storage that a pickle refers to by a persistent id.</summary>
/// <param name="DType">The element type.</param>
/// <param name="Key">The storage's name in the file.</param>
/// <param name="FileElements">Elements of the storage as it lies in the file.</param>
/// <param name="First">First element of the part that is meant; not 0 only for storage views of the legacy
/// format.</param>
/// <param name="Elements">Elements of the part that is meant.</param>
internal sealed record StorageReference(string DType, string Key, long FileElements, long First, long Elements);

/// <summary>A tensor that a pickle describes: where it lies in its storage. Checked to lie inside.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="First">First element, from the start of the storage in the file.</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="Strides">The strides, in elements.</param>
/// <param name="Span">Elements from the first to the last one used, both included; 0 for an empty tensor.</param>
/// <param name="ByteLength">Bytes of a contiguous copy.</param>
internal sealed record TensorReference(
    StorageReference Storage, long First, long[] Shape, long[] Strides, long Span, long ByteLength);
