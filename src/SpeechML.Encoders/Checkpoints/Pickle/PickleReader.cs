using System.Numerics;

namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>
/// Reads the part of Python's pickle language that a state dict is written in (protocols 2 to 5,
/// https://docs.python.org/3/library/pickletools.html).
/// There is no opcode here that runs, imports or constructs anything but the values of <c>PickleObjects.cs</c>;
/// everything else is refused by name.
/// </summary>
internal sealed class PickleReader
{
    // What values cost in memory, in bytes. Places in growing arrays count three times: arrays double, and the old ones
    // are garbage.
    private const int CostOfPlace = 3 * 8;
    private const int CostOfNumber = 24;
    private const int CostOfContainer = 32;
    private const int CostOfItems = 64;
    private const int CostOfDictItems = 256;
    private const int CostOfDictItem = 84;
    private const int CostOfText = 56;
    private const int CostOfName = 256;
    private const int CostOfStorage = 64;
    private const int CostOfTensor = 400;

    private static readonly object s_true = true;
    private static readonly object s_false = false;

    private readonly ByteSource _source;
    private readonly PickleInput _input;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly List<object?> _memo = [];
    private readonly Dictionary<uint, object?> _sparseMemo = [];
    private readonly long _fileLength;
    private int _highestStack;
    private long _budget;

    private PickleReader(ByteSource source, long start, long length, long fileLength)
    {
        _source = source;
        _input = new PickleInput(source, start, length);
        // A state dict's pickle is small beside its weights: values that need several times the file are an attack on
        // memory.
        const int Allowance = 160 << 10;
        _fileLength = fileLength;
        _budget = (3 * fileLength) + Allowance;
    }

    /// <summary>Reads one pickle.</summary>
    /// <param name="source">The file.</param>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes up to the end of what may be read.</param>
    /// <param name="fileLength">Bytes of the whole file, weights and all: what the pickle's values may take is held
    /// against it.</param>
    /// <param name="end">First byte after the pickle.</param>
    /// <exception cref="CheckpointException">The pickle is broken, or holds what a state dict does not
    /// need.</exception>
    public static object? Read(ByteSource source, long start, long length, long fileLength, out long end)
    {
        var reader = new PickleReader(source, start, length, fileLength);
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
                    _source.Name, null, "only pickle opcodes that a state dict needs",
                    $"opcode {PickleOpcodes.Describe(opcode)} at byte {at}, which is refused");
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
                Push(null, 0);
                break;
            case 0x88: // NEWTRUE
                Push(s_true, 0);
                break;
            case 0x89: // NEWFALSE
                Push(s_false, 0);
                break;
            case (byte)'J': // BININT
                Push((long)(int)_input.ReadUnsigned(4), CostOfNumber);
                break;
            case (byte)'K': // BININT1
                Push((long)_input.ReadByte(), CostOfNumber);
                break;
            case (byte)'M': // BININT2
                Push((long)_input.ReadUnsigned(2), CostOfNumber);
                break;
            case 0x8A: // LONG1
                var number = new BigInteger(_input.ReadBytes(_input.ReadByte()));
                // Boxed apart: the common type of the two would make every number a BigInteger.
                Push(number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number, CostOfText);
                break;
            case (byte)'G': // BINFLOAT
                Push(_input.ReadDoubleBigEndian(), CostOfNumber);
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
                Spend(CostOfPlace);
                _marks.Add(_stack.Count);
                break;
            case (byte)'}':
                Push(new PickleDict(isOrderedDict: false), CostOfContainer);
                break;
            case (byte)']':
                Push(new PickleList(isTuple: false), CostOfContainer);
                break;
            case (byte)')':
                Push(new PickleList(isTuple: true), CostOfContainer);
                break;
            case (byte)'t': // TUPLE
                Push(new PickleList(isTuple: true, PopToMark()), CostOfContainer);
                break;
            case 0x85: // TUPLE1 to TUPLE3
            case 0x86:
            case 0x87:
                Push(new PickleList(isTuple: true, PopMany(opcode - 0x84)), CostOfContainer);
                break;
            case (byte)'a': // APPEND
                Append(PopMany(1));
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
                object result = PickleCalls.Call(_source.Name, Pop(), arguments);
                Push(result, result is TensorReference ? CostOfTensor : CostOfContainer);
                break;
            case (byte)'Q': // BINPERSID
                Push(PickleCalls.Storage(_source.Name, Pop()), CostOfStorage);
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

    private void PushGlobal(string module, string name)
    {
        object value = PickleGlobals.Find(module, name) ?? throw new CheckpointException(
            _source.Name,
            null,
            "only names that a state dict needs",
            $"'{CheckpointException.Shorten(module)}.{CheckpointException.Shorten(name)}', which is refused (allowed " +
            $"are {PickleGlobals.Allowed})");
        Push(value, CostOfName);
    }

    private void PushText(ulong length)
    {
        string text = _input.ReadText(length);
        Push(text, CostOfText + (3L * text.Length));
    }

    private void Push(object? value, long cost)
    {
        if (_stack.Count == _highestStack)
        {
            _highestStack++;
            cost += CostOfPlace;
        }
        Spend(cost);
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
        return Take(count);
    }

    private List<object?> PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Error("a mark on the stack", "none");
        }
        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return Take(_stack.Count - mark);
    }

    private List<object?> Take(int count)
    {
        Spend(CostOfItems + (count * (long)IntPtr.Size));
        List<object?> values = _stack.GetRange(_stack.Count - count, count);
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private void Append(List<object?> values)
    {
        if (Peek() is not PickleList { IsTuple: false } list)
        {
            throw Error("a list to append to", PickleOpcodes.Describe(Peek()));
        }
        Spend((list.Count == 0 ? CostOfItems : 0) + (values.Count * (long)CostOfPlace));
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
        Spend((dict.Count == 0 ? CostOfDictItems : 0) + (values.Count / 2 * (long)CostOfDictItem));
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

    /// <summary>
    /// Python counts up; only what does not is kept in a dictionary, so that an index costs no more than its value.
    /// </summary>
    private void Memoize(uint index)
    {
        if (index < _memo.Count)
        {
            _memo[(int)index] = Peek();
        }
        else if (index == _memo.Count)
        {
            Spend(CostOfPlace);
            _memo.Add(Peek());
        }
        else
        {
            Spend(_sparseMemo.Count == 0 ? CostOfDictItems : CostOfDictItem);
            _sparseMemo[index] = Peek();
        }
    }

    private void Recall(uint index)
    {
        object? value = null;
        if (index < _memo.Count)
        {
            value = _memo[(int)index];
        }
        else if (!_sparseMemo.TryGetValue(index, out value))
        {
            throw Error($"a value memoized as {index}", "none");
        }
        Push(value, 0);
    }

    private void Spend(long bytes)
    {
        _budget -= bytes;
        if (_budget < 0)
        {
            throw Error($"no more values than a state dict in a file of {_fileLength} bytes needs", "more");
        }
    }

    private CheckpointException Error(string expected, string got) =>
        new(_source.Name, null, $"{expected} in the pickle before byte {_input.Position}", got);
}
