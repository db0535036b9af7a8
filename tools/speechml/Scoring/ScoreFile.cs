using System.Security.Cryptography;
using System.Text;
using SpeechML.Data.Metadata;
using SpeechML.Runs.Appending;

namespace SpeechML.Tool.Scoring;

/// <summary>
/// A file of scores that grows under a temporary name and gets its own when it is whole. The temporary name has a hash
/// of the model and of the list of files: what another process has left is resumed by the same command only.
/// </summary>
internal sealed class ScoreFile : IDisposable
{
    private readonly string _path;
    private readonly string _partial;
    private readonly FileStream _file;
    private readonly WholeAppends _lines;

    /// <param name="path">The file.</param>
    /// <param name="format">How its lines are.</param>
    /// <param name="model">The model's zip or folder.</param>
    /// <param name="files">The files in their order.</param>
    /// <exception cref="IOException">Another process writes it.</exception>
    public ScoreFile(string path, ScoreFormat format, string model, IReadOnlyList<string> files)
    {
        _path = Path.GetFullPath(path);
        _partial = $"{_path}.{Hash(model, files)}.partial";
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _file = new FileStream(_partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            Done = CountWhole(_file, format);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        _lines = new WholeAppends(_file);
        if (_file.Length == 0 && format.Header is { } header)
        {
            _lines.Append(Encoding.UTF8.GetBytes(header + "\n"), toDisk: false);
        }
    }

    /// <summary>Files whose lines were there already.</summary>
    public int Done { get; }

    /// <summary>Files of theirs that could not be scored.</summary>
    public List<ScoredFile> Bad { get; } = [];

    /// <summary>Appends whole lines.</summary>
    public void Append(IEnumerable<string> lines) =>
        _lines.Append(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))), toDisk: true);

    /// <summary>Gives the file its own name.</summary>
    public void Complete()
    {
        _file.Dispose();
        File.Move(_partial, _path, overwrite: true);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Cuts a last line that was broken off.</summary>
    /// <returns>Whole lines without the header.</returns>
    private int CountWhole(FileStream file, ScoreFormat format)
    {
        long end = 0;
        int lines = 0;
        bool quoted = false;
        var line = new StringBuilder();
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            // A line break within quotes belongs to a name.
            quoted ^= !format.IsJson && bytes[i] == '"';
            if (bytes[i] == '\n' && !quoted)
            {
                Note(Encoding.UTF8.GetString(bytes.AsSpan((int)end, i - (int)end)), format);
                end = i + 1;
                lines++;
            }
        }
        file.SetLength(end);
        return Math.Max(0, lines - (format.Header is null ? 0 : 1));
    }

    private void Note(string line, ScoreFormat format)
    {
        if (line == format.Header)
        {
            return;
        }
        (string file, string error) = format.IsJson ? OfJson(line)
            : CsvFile.Read(new StringReader(line), _partial).Single().Fields is var f ? (f[0], f[^1]) : default;
        if (error.Length > 0)
        {
            Bad.Add(new ScoredFile(CsvFile.Text(file), null, error));
        }
    }

    private static (string File, string Error) OfJson(string line)
    {
        using var json = System.Text.Json.JsonDocument.Parse(line);
        return (json.RootElement.GetProperty("file").GetString()!,
            json.RootElement.TryGetProperty("error", out System.Text.Json.JsonElement error) ? error.GetString()! : "");
    }

    private static string Hash(string model, IReadOnlyList<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Of a folder all files, among them the configuration and the weights.
        foreach (string part in Directory.Exists(model)
            ? Directory.EnumerateFiles(model).Order(StringComparer.Ordinal) : Enumerable.Repeat(model, 1))
        {
            using Stream content = StoragePath.OpenRead(part);
            hash.AppendData(SHA256.HashData(content));
        }
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
