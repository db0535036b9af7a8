using SpeechML.Audio.Storage;
using SpeechML.Runs.Appending;

namespace SpeechML.Sweeps.Studies;

/// <summary>
/// A study's events, one JSON object per line, appended and flushed to the disk one by one. The folder is locked by an
/// open file, which a dead process does not hold. Without a
/// folder the events are kept in memory only.
/// </summary>
internal sealed class StudyLog : IStudyLog
{
    public const string FileName = ModelPath.StudyFile;

    private readonly FileStream? _lock;
    private readonly FileStream? _file;
    private readonly WholeAppends? _lines;
    private bool _given;

    private StudyLog(FileStream? folderLock, FileStream? file, List<StudyEvent> events)
    {
        _lock = folderLock;
        _file = file;
        _lines = file is null ? null : new WholeAppends(file);
        Events = events;
    }

    /// <summary>What was in the log when it was opened.</summary>
    public IReadOnlyList<StudyEvent> Events { get; }

    /// <summary>A log that is on no disk.</summary>
    public static StudyLog InMemory() => new(null, null, []);

    /// <summary>Takes a study's folder, which is made if need be.</summary>
    /// <exception cref="IOException">Another process has it, or it cannot be written to.</exception>
    /// <exception cref="InvalidDataException">A line before the last is broken.</exception>
    public static StudyLog Open(string folder)
    {
        FileStream folderLock = StudyLock.Take(folder, shared: false);
        FileStream? file = null;
        try
        {
            file = new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                FileShare.Read, bufferSize: 0);
            return new StudyLog(folderLock, file, Recover(file));
        }
        catch
        {
            file?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a study's log.</summary>
    /// <param name="study">The study's folder or address.</param>
    public static bool Exists(string study) =>
        StoragePath.IsRemote(study) ? StoredStudyLog.Exists(study) : File.Exists(Path.Combine(study, FileName));

    /// <summary>Reads a study's log, whoever is writing it.</summary>
    /// <param name="study">The study's folder or address.</param>
    public static List<StudyEvent> Read(string study)
    {
        if (StoragePath.IsRemote(study))
        {
            using var log = new StoredStudyLog(study);
            return [.. log.ReadNew()];
        }
        using var file = new FileStream(
            Path.Combine(study, FileName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Parse(file).Events;
    }

    /// <inheritdoc/>
    public IReadOnlyList<StudyEvent> ReadNew()
    {
        IReadOnlyList<StudyEvent> events = _given ? [] : Events;
        _given = true;
        return events;
    }

    /// <inheritdoc/>
    public bool TryAppend(StudyEvent entry)
    {
        Append(entry);
        return true;
    }

    /// <summary>Appends an event; on return it is on the disk.</summary>
    /// <exception cref="StudyLogException">It could not be written.</exception>
    public void Append(StudyEvent entry)
    {
        if (_file is null)
        {
            return;
        }
        // An open file can be removed without a word where the system allows it.
        if (!File.Exists(_file.Name))
        {
            throw StudyLogException.Removed(_file.Name);
        }
        try
        {
            // In one write, so that a kill leaves the whole line or the beginning of it.
            _lines!.Append(StudyLines.Format(entry), toDisk: true);
        }
        catch (IOException e)
        {
            throw StudyLogException.NotWritten(_file.Name, e);
        }
    }

    public void Dispose()
    {
        try
        {
            _file?.Dispose();
        }
        finally
        {
            _lock?.Dispose();
        }
    }

    /// <summary>The events, once what a killed process has left of a last line is cut off.</summary>
    private static List<StudyEvent> Recover(FileStream file)
    {
        (List<StudyEvent> events, int whole) = Parse(file);
        if (whole < file.Length)
        {
            file.SetLength(whole);
            file.Flush(flushToDisk: true);
        }
        return events;
    }

    private static (List<StudyEvent> Events, int Whole) Parse(FileStream file)
    {
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return StudyLines.Read(bytes, file.Name, 0);
    }
}
