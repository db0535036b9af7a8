using System.Numerics;

namespace SpeechML.Checkpoints;

/// <summary>
/// Reads the part of Python's pickle language that a state dict is written in (protocols 2 to 5, https://docs.python.org/3/library/pickletools.html).
/// There is no opcode here that runs, imports or constructs anything but the values of <c>PickleObjects.cs</c>; everything else is refused by name.
/// </summary>
internal sealed class PickleReader
{
    private const int DeepestStack = 1 << 18;

    // What a value costs in memory, at most: a boxed number or an empty list, its place on the stack and in the memo.
    private const int CostOfValue = 96;

    private readonly ByteSource _source;
    private readonly PickleInput _input;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private long _budget;

    private PickleReader(ByteSource source, long start, long length)
    {
        _source = source;
        _input = new PickleInput(source, start, length);
        // A state dict's pickle is small beside its weights: values that need several times the file are an attack on memory.
        _budget = (2 * source.Length) + (1 << 21);
    }

    /// <summary>Reads one pickle.</summary>
    /// <param name="source">The file.</param>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes up to the end of what may be read.</param>
    /// <param name="end">First byte after the pickle.</param>
    /// <exception cref="CheckpointException">The pickle is broken, or holds what a state dict does not need.</exception>
    public static object? Read(ByteSource source, long start, long length, out long end)
    {
        var reader = new PickleReader(source, start, length);
        object? value = reader.Run();
        end = reader._input.Position;
        return value;
    }

    private object? Run()
    {
        while (true)
        {
            long at = _input.Position;
            byte opcode = _input.ReadByte();
            if (opcode == (byte)'.')
            {
                return Pop();
            }
            if (!RunValue(opcode) && !RunContainer(opcode) && !RunObject(opcode))
            {
                throw new CheckpointException(
                    _source.Name, null, "only pickle opcodes that a state dict needs", $"opcode {PickleOpcodes.Describe(opcode)} at byte {at}, which is refused");
            }
        }
    }

    private bool RunValue(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: // PROTO
                if (_input.ReadByte() is var protocol && protocol > 5)
                {
                    throw Error("a pickle protocol up to 5", $"{protocol}");
                }
                break;
            case 0x95: // FRAME: its length adds nothing, the opcodes within are read as they come
                _input.ReadUnsigned(8);
                break;
            case (byte)'N':
                Push(null);
                break;
            case 0x88: // NEWTRUE
                Push(true);
                break;
            case 0x89: // NEWFALSE
                Push(false);
                break;
            case (byte)'J': // BININT
                Push((long)(int)_input.ReadUnsigned(4));
                break;
            case (byte)'K': // BININT1
                Push((long)_input.ReadByte());
                break;
            case (byte)'M': // BININT2
                Push((long)_input.ReadUnsigned(2));
                break;
            case 0x8A: // LONG1
                var number = new BigInteger(_input.ReadBytes(_input.ReadByte()));
                // Boxed apart: the common type of the two would make every number a BigInteger.
                Push(number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number);
                break;
            case (byte)'G': // BINFLOAT
                Push(_input.ReadDoubleBigEndian());
                break;
            case (byte)'X': // BINUNICODE
            case (byte)'T': // BINSTRING, from Python 2
                PushText(_input.ReadUnsigned(4));
                break;
            case 0x8C: // SHORT_BINUNICODE
            case (byte)'U': // SHORT_BINSTRING, from Python 2
                PushText(_input.ReadByte());
                break;
            case 0x8D: // BINUNICODE8
                PushText(_input.ReadUnsigned(8));
                break;
            default:
                return false;
        }
        return true;
    }

    private bool RunContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(':
                Spend(sizeof(int) * 2);
                _marks.Add(_stack.Count);
                break;
            case (byte)'}':
                Push(new PickleDict(isOrderedDict: false));
                break;
            case (byte)']':
                Push(new PickleList(isTuple: false));
                break;
            case (byte)')':
                Push(new PickleList(isTuple: true));
                break;
            case (byte)'t': // TUPLE
                Push(new PickleList(isTuple: true, PopToMark()));
                break;
            case 0x85: // TUPLE1 to TUPLE3
            case 0x86:
            case 0x87:
                Push(new PickleList(isTuple: true, PopMany(opcode - 0x84)));
                break;
            case (byte)'a': // APPEND
                Append([Pop()]);
                break;
            case (byte)'e': // APPENDS
                Append(PopToMark());
                break;
            case (byte)'s': // SETITEM
                SetItems(PopMany(2));
                break;
            case (byte)'u': // SETITEMS
                SetItems(PopToMark());
                break;
            default:
                return false;
        }
        return true;
    }

    private bool RunObject(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': // BINPUT
                Memoize(_input.ReadByte());
                break;
            case (byte)'r': // LONG_BINPUT
                Memoize((uint)_input.ReadUnsigned(4));
                break;
            case 0x94: // MEMOIZE
                Memoize((uint)_memo.Count);
                break;
            case (byte)'h': // BINGET
                Recall(_input.ReadByte());
                break;
            case (byte)'j': // LONG_BINGET
                Recall((uint)_input.ReadUnsigned(4));
                break;
            case (byte)'c': // GLOBAL
                PushGlobal(_input.ReadLine(), _input.ReadLine());
                break;
            case 0x93: // STACK_GLOBAL
                object? name = Pop();
                if (Pop() is not string module || name is not string text)
                {
                    throw Error("two texts before STACK_GLOBAL", "other values");
                }
                PushGlobal(module, text);
                break;
            case (byte)'R': // REDUCE
                object? arguments = Pop();
                Push(PickleCalls.Call(_source.Name, Pop(), arguments));
                break;
            case (byte)'Q': // BINPERSID
                Push(PickleCalls.Storage(_source.Name, Pop()));
                break;
            case (byte)'b': // BUILD
                object? state = Pop();
                PickleCalls.CheckBuild(_source.Name, Peek(), state);
                break;
            default:
                return false;
        }
        return true;
    }

    private void PushGlobal(string module, string name) =>
        Push(PickleGlobals.Find(module, name) ?? throw new CheckpointException(
            _source.Name,
            null,
            "only names that a state dict needs",
            $"'{CheckpointException.Shorten(module)}.{CheckpointException.Shorten(name)}', which is refused (allowed are {PickleGlobals.Allowed})"));

    // A text costs what it takes in the file, so the file bounds all of them together.
    private void PushText(ulong length) => Push(_input.ReadText(length));

    private void Push(object? value)
    {
        Spend(CostOfValue);
        if (_stack.Count == DeepestStack)
        {
            throw Error($"at most {DeepestStack} values on the stack", "more");
        }
        _stack.Add(value);
    }

    private object? Peek()
    {
        int bottom = _marks.Count == 0 ? 0 : _marks[^1];
        if (_stack.Count <= bottom)
        {
            throw Error("a value on the stack", "an empty stack");
        }
        return _stack[^1];
    }

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private List<object?> PopMany(int count)
    {
        int bottom = _marks.Count == 0 ? 0 : _marks[^1];
        if (_stack.Count - bottom < count)
        {
            throw Error($"{count} values on the stack", $"{_stack.Count - bottom}");
        }
        List<object?> values = _stack.GetRange(_stack.Count - count, count);
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private List<object?> PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Error("a mark on the stack", "none");
        }
        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        List<object?> values = _stack.GetRange(mark, _stack.Count - mark);
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private void Append(List<object?> values)
    {
        if (Peek() is not PickleList { IsTuple: false } list)
        {
            throw Error("a list to append to", PickleOpcodes.Describe(Peek()));
        }
        Spend(values.Count * 2L * sizeof(long));
        values.ForEach(list.Add);
    }

    private void SetItems(List<object?> values)
    {
        if (Peek() is not PickleDict dict)
        {
            throw Error("a dict to set items of", PickleOpcodes.Describe(Peek()));
        }
        if (values.Count % 2 != 0)
        {
            throw Error("pairs of key and value", $"{values.Count} values");
        }
        Spend(values.Count * (long)CostOfValue);
        for (int i = 0; i < values.Count; i += 2)
        {
            if (values[i] is not (string or long))
            {
                throw Error("a text or a whole number as key", PickleOpcodes.Describe(values[i]));
            }
            if (!dict.TryAdd(values[i]!, values[i + 1]))
            {
                throw Error("unique keys", $"'{CheckpointException.Shorten(values[i]!.ToString()!)}' twice");
            }
        }
    }

    private void Memoize(uint index)
    {
        Spend(CostOfValue);
        _memo[index] = Peek();
    }

    private void Recall(uint index) => Push(_memo.TryGetValue(index, out object? value) ? value : throw Error($"a value memoized as {index}", "none"));

    private void Spend(long bytes)
    {
        _budget -= bytes;
        if (_budget < 0)
        {
            throw Error($"no more values than a state dict in a file of {_source.Length} bytes needs", "more");
        }
    }

    private CheckpointException Error(string expected, string got) => new(_source.Name, null, $"{expected} in the pickle before byte {_input.Position}", got);
}
