using System.Globalization;
using System.Text.Json;

namespace SpeechML.Sweeps.Studies;

/// <summary>
/// The log of a study in a bucket: one object per event, <c>events/0000000001.json</c> and so on, each written only
/// where there is none. Of all processes that append behind the same
/// event one succeeds, and the others see its event before they decide anew: one order for all, without a server.
/// </summary>
internal sealed class StoredStudyLog : IStudyLog
{
    private const string Folder = "events";
    private readonly string _events;
    private readonly IObjectStore _store;
    private int _count;
    private bool _listed;

    /// <param name="study">The study's address.</param>
    public StoredStudyLog(string study)
    {
        _events = StoragePath.Combine(study, Folder);
        _store = ObjectStores.For(study);
    }

    /// <summary>Whether there is an event of a study.</summary>
    public static bool Exists(string study)
    {
        using var log = new StoredStudyLog(study);
        return log._store.Find(log.Address(1)) is not null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<StudyEvent> ReadNew()
    {
        var events = new List<StudyEvent>();
        try
        {
            if (!_listed)
            {
                ReadAll(events);
                _listed = true;
            }
            while (_store.Find(Address(_count + 1)) is { } next)
            {
                events.Add(Read(next));
                _count++;
            }
        }
        catch (StorageException e)
        {
            throw new StudyLogException($"Study log '{_events}' could not be read. {e.Message}", e);
        }
        return events;
    }

    /// <inheritdoc/>
    public bool TryAppend(StudyEvent entry)
    {
        try
        {
            _store.Write(Address(_count + 1), new MemoryStream(StudyLines.Format(entry)), WriteCondition.IfAbsent);
            _count++;
            return true;
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Conflict)
        {
            return false;
        }
        catch (StorageException e)
        {
            throw new StudyLogException(
                $"Study log '{_events}' could not be written. {e.Message} Run the sweep again: it goes on from the " +
                $"last event.", e);
        }
    }

    public void Dispose()
    {
    }

    /// <summary>What is there at first, many at a time.</summary>
    private void ReadAll(List<StudyEvent> events)
    {
        StoredObject[] there = [.. StoragePath.Objects(_events)];
        for (int i = 0; i < there.Length; i++)
        {
            if (there[i].Address != Address(i + 1))
            {
                throw new InvalidDataException(
                    $"Study log '{_events}': expected the event {StoragePath.FileName(Address(i + 1))}, got " +
                    $"'{there[i].Address}'. Nothing but sweeps may write to it.");
            }
        }
        var read = new StudyEvent[there.Length];
        Parallel.For(
            0, there.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(64, _store.ParallelReads) },
            i => read[i] = Read(there[i]));
        events.AddRange(read);
        _count = there.Length;
    }

    private StudyEvent Read(StoredObject entry)
    {
        try
        {
            return StudyLines.Parse(File.ReadAllBytes(_store.Fetch(entry.Address, entry)).AsSpan().TrimEnd((byte)'\n'));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"Study log '{entry.Address}': expected an event of a study as JSON, got something else. {e.Message}",
                e);
        }
    }

    private string Address(int number) =>
        StoragePath.Combine(_events, string.Create(CultureInfo.InvariantCulture, $"{number:D10}.json"));
}
