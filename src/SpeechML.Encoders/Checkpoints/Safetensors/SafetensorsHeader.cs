using System.Text.Json;

namespace SpeechML.Encoders.Checkpoints.Safetensors;

/// <summary>Parses a safetensors header and checks everything it claims against the length of the file.</summary>
internal ref struct SafetensorsHeader
{
    // As in the safetensors library.
    public const long LongestHeader = 100_000_000;

    // torch's own limit.
    private const int MaxDimensions = 64;

    private readonly ByteSource _source;
    private readonly long _dataStart;
    private readonly long _dataLength;
    private Utf8JsonReader _json;
    private string? _tensor;

    private SafetensorsHeader(ByteSource source, ReadOnlySpan<byte> header)
    {
        _source = source;
        _dataStart = 8 + header.Length;
        _dataLength = source.Length - _dataStart;
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 16 });
    }

    /// <summary>Reads the header's entries and metadata.</summary>
    /// <exception cref="CheckpointException">The header is not one, or claims what the file does not hold.</exception>
    public static Dictionary<string, TensorEntry> Parse(
        ByteSource source, ReadOnlySpan<byte> header, Dictionary<string, string> metadata)
    {
        var parser = new SafetensorsHeader(source, header);
        try
        {
            Dictionary<string, TensorEntry> entries = parser.ParseAll(metadata);
            parser.CheckLayout(entries);
            return entries;
        }
        // The reader throws InvalidOperationException for text that is not UTF-8.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(
                source.Name, parser._tensor, "a safetensors header of JSON",
                $"what is not: {CheckpointException.Shorten(error.Message).TrimEnd('.')}", error);
        }
    }

    private Dictionary<string, TensorEntry> ParseAll(Dictionary<string, string> metadata)
    {
        var entries = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        bool metadataSeen = false;
        _json.Read();
        Require(JsonTokenType.StartObject, "a header that is a JSON object");
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string name = _json.GetString()!;
            _json.Read();
            if (name == "__metadata__")
            {
                if (metadataSeen)
                {
                    throw Error("unique names", "'__metadata__' twice");
                }
                metadataSeen = true;
                ParseMetadata(metadata);
                continue;
            }
            _tensor = name;
            if (!entries.TryAdd(name, ParseEntry(name)))
            {
                throw Error("unique names", "the same name twice");
            }
            _tensor = null;
        }
        // Only white space may follow; anything else makes this call throw.
        _json.Read();
        return entries;
    }

    private void ParseMetadata(Dictionary<string, string> metadata)
    {
        Require(JsonTokenType.StartObject, "a '__metadata__' that is a JSON object of texts");
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string key = _json.GetString()!;
            _json.Read();
            Require(JsonTokenType.String, $"a text as metadata '{CheckpointException.Shorten(key)}'");
            if (!metadata.TryAdd(key, _json.GetString()!))
            {
                throw Error("unique names", $"metadata '{CheckpointException.Shorten(key)}' twice");
            }
        }
    }

    private TensorEntry ParseEntry(string name)
    {
        Require(JsonTokenType.StartObject, "a JSON object with 'dtype', 'shape' and 'data_offsets'");
        string? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = _json.ValueTextEquals("dtype"u8);
            bool isShape = _json.ValueTextEquals("shape"u8);
            bool isOffsets = _json.ValueTextEquals("data_offsets"u8);
            if ((isType && dtype is not null) || (isShape && shape is not null) || (isOffsets && offsets is not null))
            {
                throw Error("unique names", "a field twice");
            }
            _json.Read();
            if (isType)
            {
                Require(JsonTokenType.String, "a text as 'dtype'");
                dtype = _json.GetString()!;
            }
            else if (isShape)
            {
                shape = ParseNumbers("shape", MaxDimensions);
            }
            else if (isOffsets)
            {
                offsets = ParseNumbers("data_offsets", 2);
            }
            else
            {
                _json.Skip();
            }
        }
        if (dtype is null || shape is null || offsets is null)
        {
            throw Error("'dtype', 'shape' and 'data_offsets'",
                $"no '{(dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets")}'");
        }
        return CheckEntry(name, dtype, shape, offsets);
    }

    private TensorEntry CheckEntry(string name, string dtype, long[] shape, long[] offsets)
    {
        int size = ElementTypes.SizeOf(dtype);
        if (size == 0)
        {
            throw Error($"a dtype of {ElementTypes.Known}", $"'{CheckpointException.Shorten(dtype)}'");
        }
        if (offsets.Length != 2)
        {
            throw Error("two data_offsets", $"{offsets.Length}");
        }
        if (offsets[0] > offsets[1] || offsets[1] > _dataLength)
        {
            throw Error($"data_offsets in order and within the file's {_dataLength} bytes of data",
                $"[{offsets[0]}, {offsets[1]}]");
        }
        long needed = ElementTypes.ByteLength(shape, size);
        long length = offsets[1] - offsets[0];
        if (needed != length)
        {
            throw Error(
                needed < 0 ? "a shape whose length in bytes fits 63 bits"
                : $"{needed} bytes for shape [{string.Join(", ", shape)}] of {dtype}",
                needed < 0 ? $"[{string.Join(", ", shape)}]" : $"{length}");
        }
        return new TensorEntry(name, dtype, shape, _dataStart + offsets[0], length);
    }

    private long[] ParseNumbers(string field, int most)
    {
        Require(JsonTokenType.StartArray, $"an array as '{field}'");
        var numbers = new List<long>(4);
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            Require(JsonTokenType.Number, $"whole numbers as '{field}'");
            if (!_json.TryGetInt64(out long number) || number < 0)
            {
                throw Error($"whole numbers from 0 to 2^63 - 1 as '{field}'",
                    CheckpointException.Shorten(System.Text.Encoding.UTF8.GetString(_json.ValueSpan)));
            }
            if (numbers.Count == most)
            {
                throw Error($"at most {most} numbers as '{field}'", "more");
            }
            numbers.Add(number);
        }
        return [.. numbers];
    }

    /// <summary>
    /// Every byte of data belongs to exactly one tensor: nothing is read twice and nothing can be hidden in the file.
    /// </summary>
    private void CheckLayout(Dictionary<string, TensorEntry> entries)
    {
        TensorEntry[] inOrder = [.. entries.Values];
        Array.Sort(inOrder, (a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset)
            : a.Length.CompareTo(b.Length));
        long position = _dataStart;
        foreach (TensorEntry entry in inOrder)
        {
            if (entry.Offset != position)
            {
                _tensor = entry.Name;
                throw Error(
                    $"a first byte at {position - _dataStart}, where the tensor before ends",
                    $"{entry.Offset - _dataStart}, which " +
                    $"{(entry.Offset < position ? "overlaps it" : "leaves a hole")}");
            }
            position += entry.Length;
        }
        if (position != _source.Length)
        {
            throw Error($"{position - _dataStart} bytes of data, where the last tensor ends", $"{_dataLength}");
        }
    }

    private readonly void Require(JsonTokenType type, string expected)
    {
        if (_json.TokenType != type)
        {
            throw Error(expected, _json.TokenType switch
            {
                JsonTokenType.StartObject => "an object",
                JsonTokenType.StartArray => "an array",
                JsonTokenType.String => "a text",
                JsonTokenType.Number => "a number",
                JsonTokenType.None => "nothing",
                JsonTokenType other => other.ToString().ToLowerInvariant(),
            });
        }
    }

    private readonly CheckpointException Error(string expected, string got) =>
        new(_source.Name, _tensor, expected, got);
}
