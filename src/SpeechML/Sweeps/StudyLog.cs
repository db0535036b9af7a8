using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Sweeps;

/// <summary>
/// A study's events, one JSON object per line, appended and flushed to the disk one by one. The folder is locked by an open file, which a dead process does not hold. Without a
/// folder the events are kept in memory only.
/// </summary>
internal sealed class StudyLog : IDisposable
{
    public const string FileName = "study.jsonl";
    private const string LockName = "study.lock";

    private static readonly JsonSerializerOptions s_json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly FileStream? _lock;
    private readonly FileStream? _file;

    private StudyLog(FileStream? folderLock, FileStream? file, List<StudyEvent> events)
    {
        _lock = folderLock;
        _file = file;
        Events = events;
    }

    /// <summary>What was in the log when it was opened.</summary>
    public IReadOnlyList<StudyEvent> Events { get; }

    /// <summary>A log that is on no disk.</summary>
    public static StudyLog InMemory() => new(null, null, []);

    /// <summary>Takes a study's folder, which is made if need be.</summary>
    /// <exception cref="IOException">Another process has it, or it cannot be written to.</exception>
    /// <exception cref="InvalidDataException">The log is broken before its last line.</exception>
    public static StudyLog Open(string folder)
    {
        FileStream? folderLock = null;
        try
        {
            Directory.CreateDirectory(folder);
            folderLock = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Study '{folder}': expected a folder that can be written to and that no other process is running a sweep in, got '{folder}'. {e.Message}", e);
        }
        FileStream? file = null;
        try
        {
            file = new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            return new StudyLog(folderLock, file, Recover(file));
        }
        catch
        {
            file?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Reads a study's log, whoever is writing it.</summary>
    public static List<StudyEvent> Read(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, FileName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Parse(file).Events;
    }

    /// <summary>Appends an event; on return it is on the disk.</summary>
    /// <exception cref="StudyLogException">It could not be written.</exception>
    public void Append(StudyEvent entry)
    {
        if (_file is null)
        {
            return;
        }
        try
        {
            // In one write, so that a kill leaves the whole line or the beginning of it.
            _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry, s_json), (byte)'\n']);
            _file.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw new StudyLogException($"Study log '{_file.Name}' could not be written. {e.Message} Make room and run the sweep again: it goes on from the last whole line.", e);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _lock?.Dispose();
    }

    /// <summary>The events, once what a killed process has left of a last line is cut off.</summary>
    private static List<StudyEvent> Recover(FileStream file)
    {
        (List<StudyEvent> events, long whole) = Parse(file);
        if (whole < file.Length)
        {
            file.SetLength(whole);
            file.Flush(flushToDisk: true);
        }
        file.Position = whole;
        return events;
    }

    private static (List<StudyEvent> Events, long Whole) Parse(FileStream file)
    {
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var events = new List<StudyEvent>();
        int start = 0;
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            try
            {
                events.Add(JsonSerializer.Deserialize<StudyEvent>(bytes.AsSpan(start, end - start), s_json) ?? throw new JsonException("null"));
            }
            catch (Exception e) when (e is JsonException or NotSupportedException)
            {
                if (end == bytes.Length - 1)
                {
                    // A lost power supply may leave a last line of the right length with the wrong bytes.
                    return (events, start);
                }
                string line = Encoding.UTF8.GetString(bytes, start, Math.Min(80, end - start));
                throw new InvalidDataException($"Study log '{file.Name}', line {events.Count + 1}: expected an event of a study as JSON, got '{line}'. {e.Message}", e);
            }
        }
        return (events, start);
    }
}
