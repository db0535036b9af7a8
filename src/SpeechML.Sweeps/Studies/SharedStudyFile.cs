using System.Diagnostics;
using SpeechML.Audio.Common;
using SpeechML.Runs.Appending;

namespace SpeechML.Sweeps.Studies;

/// <summary>
/// The log of a study whose folder several processes share (on one machine or over a network file system): the same
/// file as that of one process, appended to under a lock that is held for one
/// append. What a process that was killed in the middle of a line has left is cut off by the next.
/// </summary>
internal sealed class SharedStudyFile : IStudyLog
{
    private const string LockName = "append.lock";
    // for appends of others, each of which takes milliseconds
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);
    private readonly FileStream _folder;
    private readonly string _path;
    private readonly string _lock;
    private long _position;
    private int _lines;

    /// <exception cref="IOException">A process has the folder alone, or it cannot be written to.</exception>
    public SharedStudyFile(string folder)
    {
        _folder = StudyLock.Take(folder, shared: true);
        _path = Path.Combine(folder, StudyLog.FileName);
        _lock = Path.Combine(folder, LockName);
    }

    /// <inheritdoc/>
    public IReadOnlyList<StudyEvent> ReadNew() => Alone(file => Read(file, cut: false));

    /// <inheritdoc/>
    public bool TryAppend(StudyEvent entry) => Alone(
        file =>
        {
            long known = _position;
            int lines = _lines;
            List<StudyEvent> others = Read(file, cut: true);
            if (others.Count > 0)
            {
                // They are for ReadNew to give.
                (_position, _lines) = (known, lines);
                return false;
            }
            byte[] line = StudyLines.Format(entry);
            new WholeAppends(file).Append(line, toDisk: true);
            _position += line.Length;
            _lines++;
            return true;
        });

    public void Dispose() => _folder.Dispose();

    private List<StudyEvent> Read(FileStream file, bool cut)
    {
        if (file.Length < _position)
        {
            throw new InvalidDataException(
                $"Study log '{_path}': expected at least the {_position} bytes that were there, got {file.Length}. " +
                $"Nothing but sweeps may write to it.");
        }
        byte[] bytes = new byte[file.Length - _position];
        file.Position = _position;
        file.ReadExactly(bytes);
        (List<StudyEvent> events, int whole) = StudyLines.Read(bytes, _path, _lines);
        if (cut && whole < bytes.Length)
        {
            file.SetLength(_position + whole);
        }
        _position += whole;
        _lines += events.Count;
        return events;
    }

    /// <summary>
    /// Works on the file while no other process does. It is opened anew each time: only so does a network file system
    /// show what others wrote.
    /// </summary>
    private T Alone<T>(Func<FileStream, T> work)
    {
        try
        {
            using FileStream held = Lock();
            using var file = new FileStream(
                _path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            return work(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StudyLogException.NotWritten(_path, e);
        }
    }

    private FileStream Lock()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(_lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (SharingViolation.Is(e) && clock.Elapsed < s_longestWait)
            {
                Thread.Sleep(1);
            }
        }
    }
}
