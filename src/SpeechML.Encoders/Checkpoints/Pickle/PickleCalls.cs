using System.Buffers;

namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>What the few allowed names mean when a pickle calls them, with every argument checked.</summary>
internal static class PickleCalls
{
    private const int MaxDimensions = 64;

    private static readonly SearchValues<char> s_keyCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>REDUCE: <paramref name="function"/> with <paramref name="arguments"/>.</summary>
    public static object Call(string file, object? function, object? arguments)
    {
        if (function is not PickleFunction known)
        {
            throw new CheckpointException(
                file, null, "a call of a name that a state dict needs",
                $"a call of {PickleOpcodes.Describe(function)}");
        }
        if (arguments is not PickleList { IsTuple: true } tuple)
        {
            throw new CheckpointException(
                file, null, $"a tuple of arguments for {known}", PickleOpcodes.Describe(arguments));
        }
        return known switch
        {
            PickleFunction.OrderedDict => OrderedDict(file, tuple),
            // (data, requires_grad, backward_hooks)
            PickleFunction.RebuildParameter => Argument(tuple, 0) as TensorReference
                ?? throw new CheckpointException(
                    file, null, "a tensor as data of _rebuild_parameter", PickleOpcodes.Describe(Argument(tuple, 0))),
            _ => Tensor(file, tuple),
        };
    }

    /// <summary>
    /// BINPERSID: <c>('storage', class, key, location, elements)</c>, in the legacy format with a view <c>(key, first,
    /// elements)</c> or None at the end. The location is where it was, and does not matter.
    /// </summary>
    public static StorageReference Storage(string file, object? id)
    {
        if (id is not PickleList { IsTuple: true, Count: 5 or 6 } tuple
            || tuple.Items![0] is not "storage"
            || tuple.Items[1] is not StorageKind kind
            || tuple.Items[2] is not string key
            || tuple.Items[3] is not string
            || tuple.Items[4] is not long elements
            || elements < 0)
        {
            throw new CheckpointException(
                file, null, "a storage as ('storage', class, key, location, elements)", DescribeItems(id));
        }
        if (key.Length is 0 or > 64 || key.AsSpan().ContainsAnyExcept(s_keyCharacters))
        {
            throw new CheckpointException(
                file, null, "a storage key of letters and digits", $"'{CheckpointException.Shorten(key)}'");
        }
        if (Argument(tuple, 5) is not { } view)
        {
            return new StorageReference(kind.DType, key, elements, 0, elements);
        }
        if (view is not PickleList { IsTuple: true, Count: 3 } part
            || part.Items![1] is not long first
            || part.Items[2] is not long count
            || first < 0
            || count < 0
            || first > elements
            || count > elements - first)
        {
            throw new CheckpointException(
                file, null, $"a storage view (key, first, elements) within {elements} elements", DescribeItems(view));
        }
        return new StorageReference(kind.DType, key, elements, first, count);
    }

    /// <summary>
    /// BUILD: only the <c>_metadata</c> that <c>Module.state_dict()</c> hangs on its OrderedDict; it is not kept.
    /// </summary>
    public static void CheckBuild(string file, object? target, object? state)
    {
        if (target is not PickleDict { IsOrderedDict: true } || state is not PickleDict { Count: 1 } attributes
            || attributes["_metadata"] is not PickleDict)
        {
            throw new CheckpointException(
                file,
                null,
                "BUILD only for the '_metadata' of an OrderedDict",
                $"BUILD of {PickleOpcodes.Describe(target)} with " +
                (state is PickleDict d && d.Items is { } items
                    ? $"'{CheckpointException.Shorten(items.Keys.First().ToString()!)}'"
                    : PickleOpcodes.Describe(state)));
        }
    }

    /// <summary><c>OrderedDict()</c>, or from Python 2 <c>OrderedDict([[key, value], …])</c>.</summary>
    private static PickleDict OrderedDict(string file, PickleList arguments)
    {
        var dict = new PickleDict(isOrderedDict: true);
        if (arguments.Count == 0)
        {
            return dict;
        }
        if (arguments.Count != 1 || arguments.Items![0] is not PickleList pairs)
        {
            throw new CheckpointException(file, null, "OrderedDict() or OrderedDict([[key, value], …])",
                $"OrderedDict of {DescribeItems(arguments)}");
        }
        foreach (object? pair in pairs.Items ?? [])
        {
            if (pair is not PickleList { Count: 2 } two || two.Items![0] is not string key
                || !dict.TryAdd(key, two.Items[1]))
            {
                throw new CheckpointException(
                    file, null, "pairs of a unique text and a value for OrderedDict", DescribeItems(pair));
            }
        }
        return dict;
    }

    /// <summary>
    /// <c>_rebuild_tensor_v2(storage, first, size, stride, requires_grad, backward_hooks)</c>; the older function ends
    /// after the stride.
    /// </summary>
    private static TensorReference Tensor(string file, PickleList arguments)
    {
        if (arguments.Count < 4 || arguments.Items![0] is not StorageReference storage)
        {
            throw new CheckpointException(
                file, null, "a tensor as (storage, first, size, stride, …)", DescribeItems(arguments));
        }
        long first = Number(file, "first element", arguments.Items[1]);
        long[] shape = Numbers(file, "size", arguments.Items[2]);
        long[] strides = Numbers(file, "stride", arguments.Items[3]);
        if (shape.Length != strides.Length)
        {
            throw new CheckpointException(
                file, null, $"as many strides as sizes ({shape.Length})", $"{strides.Length}");
        }
        long bytes = ElementTypes.ByteLength(shape, ElementTypes.SizeOf(storage.DType));
        UInt128 span = Span(shape, strides);
        if (bytes < 0 || (UInt128)first + span > (UInt128)storage.Elements)
        {
            throw new CheckpointException(
                file,
                null,
                $"a tensor within the {storage.Elements} elements of storage '{storage.Key}'",
                $"size ({string.Join(", ", shape)}), stride ({string.Join(", ", strides)}) from element {first}");
        }
        return new TensorReference(storage, storage.First + first, shape, strides, (long)span, bytes);
    }

    /// <summary>
    /// Elements from the first to the last one, both included. 64 dimensions of 2^63 × 2^63 can pass 2^128: capped
    /// before.
    /// </summary>
    private static UInt128 Span(long[] shape, long[] strides)
    {
        if (shape.Contains(0))
        {
            return 0;
        }
        UInt128 cap = (UInt128)1 << 64;
        UInt128 span = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            span = UInt128.Min(span + ((UInt128)(shape[i] - 1) * (UInt128)strides[i]), cap);
        }
        return span;
    }

    private static long[] Numbers(string file, string what, object? value)
    {
        if (value is not PickleList { Count: <= MaxDimensions } list)
        {
            throw new CheckpointException(
                file, null, $"a tuple of at most {MaxDimensions} numbers as {what} of a tensor",
                PickleOpcodes.Describe(value));
        }
        long[] numbers = new long[list.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = Number(file, what, list.Items![i]);
        }
        return numbers;
    }

    private static long Number(string file, string what, object? value) => value is long number and >= 0
        ? number
        : throw new CheckpointException(
            file, null, $"numbers from 0 to 2^63 - 1 as {what} of a tensor", PickleOpcodes.Describe(value));

    private static object? Argument(PickleList arguments, int index) =>
        index < arguments.Count ? arguments.Items![index] : null;

    /// <summary>One level only: a value may hold itself.</summary>
    private static string DescribeItems(object? value) => value is PickleList { Items: { Count: <= 8 } items }
        ? $"({string.Join(", ", items.Select(PickleOpcodes.Describe))})"
        : PickleOpcodes.Describe(value);
}
