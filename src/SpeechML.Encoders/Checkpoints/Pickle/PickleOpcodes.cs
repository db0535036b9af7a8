using System.Numerics;

namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>Words for opcodes and values, for messages.</summary>
internal static class PickleOpcodes
{
    private static readonly Dictionary<byte, string> s_refused = new()
    {
        [(byte)'i'] = "INST",
        [(byte)'o'] = "OBJ",
        [0x81] = "NEWOBJ",
        [0x92] = "NEWOBJ_EX",
        [0x82] = "EXT1",
        [0x83] = "EXT2",
        [0x84] = "EXT4",
        [0x8B] = "LONG4",
        [0x8E] = "BINBYTES8",
        [0x8F] = "EMPTY_SET",
        [0x90] = "ADDITEMS",
        [0x91] = "FROZENSET",
        [0x96] = "BYTEARRAY8",
        [0x97] = "NEXT_BUFFER",
        [0x98] = "READONLY_BUFFER",
        [(byte)'0'] = "POP",
        [(byte)'1'] = "POP_MARK",
        [(byte)'2'] = "DUP",
        [(byte)'B'] = "BINBYTES",
        [(byte)'C'] = "SHORT_BINBYTES",
        [(byte)'F'] = "FLOAT",
        [(byte)'I'] = "INT",
        [(byte)'L'] = "LONG",
        [(byte)'P'] = "PERSID",
        [(byte)'S'] = "STRING",
        [(byte)'V'] = "UNICODE",
        [(byte)'d'] = "DICT",
        [(byte)'g'] = "GET",
        [(byte)'l'] = "LIST",
        [(byte)'p'] = "PUT",
    };

    public static string Describe(byte opcode) =>
        s_refused.TryGetValue(opcode, out string? name) ? $"{name} (0x{opcode:X2})" : $"0x{opcode:X2}";

    public static string Describe(object? value) => value switch
    {
        null => "None",
        string text => $"the text '{CheckpointException.Shorten(text)}'",
        long number => $"the number {number}",
        BigInteger number => $"a number of {number.GetBitLength()} bits",
        double => "a fraction",
        bool truth => truth ? "True" : "False",
        PickleList list => $"a {(list.IsTuple ? "tuple" : "list")} of {list.Count}",
        PickleDict dict => $"a dict of {dict.Count}",
        PickleFunction function => $"the function {function}",
        StorageKind kind => $"the storage class of {kind.DType}",
        StorageReference storage => $"the storage '{CheckpointException.Shorten(storage.Key)}'",
        TensorReference => "a tensor",
        _ => value.GetType().Name,
    };
}
