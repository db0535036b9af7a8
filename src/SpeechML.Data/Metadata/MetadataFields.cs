using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SpeechML.Data.Metadata;

/// <summary>
/// A row's fields under the columns of the whole file: what the row does not have is empty. The rows share the columns.
/// </summary>
internal sealed class MetadataFields(MetadataColumnNames columns, Dictionary<string, string> own)
    : IReadOnlyDictionary<string, string>
{
    public IEnumerable<string> Keys => columns.Names;

    public IEnumerable<string> Values => columns.Names.Select(n => this[n]);

    public int Count => columns.Names.Count;

    public string this[string key] => TryGetValue(key, out string? value) ? value
        : throw new KeyNotFoundException(
            $"Metadata: expected one of the columns '{string.Join("', '", columns.Names)}', got '{key}'.");

    public bool ContainsKey(string key) => columns.Contains(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        if (own.TryGetValue(key, out value))
        {
            return true;
        }
        value = "";
        return columns.Contains(key);
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        columns.Names.Select(n => KeyValuePair.Create(n, this[n])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>The columns of a file, in the order in which they appear.</summary>
internal sealed class MetadataColumnNames
{
    public const int Max = 16384; // as many as a sheet of Excel has

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    public IReadOnlyList<string> Names => _names;

    public bool Contains(string name) => _known.Contains(name);

    /// <exception cref="InvalidDataException">There are too many.</exception>
    public void Add(string name, string file, string place)
    {
        if (_known.Add(name))
        {
            _names.Add(name);
        }
        if (_names.Count > Max)
        {
            throw new InvalidDataException(
                $"'{file}', {place}: expected at most {Max} columns, got more. Are values used as names of columns?");
        }
    }
}
