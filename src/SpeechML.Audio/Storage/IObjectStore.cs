namespace SpeechML;

/// <summary>
/// Where files are: a disk, or a service that keeps objects under addresses such as <c>gs://bucket/folder/name</c>.
/// Folders are what lies before a <c>/</c>: they need not be
/// made, and exist while something is in them. Safe to use from several threads. Every method throws a
/// <see cref="StorageException"/> that names the address.
/// </summary>
public interface IObjectStore
{
    /// <summary>
    /// How many reads at a time are worth it: the store's latency is hidden behind so many transfers. 1 for a disk.
    /// </summary>
    int ParallelReads { get; }

    /// <summary>
    /// The objects whose addresses begin with a prefix, in the order of their names; further pages are asked for as the
    /// enumeration goes on.
    /// </summary>
    /// <param name="prefix">The beginning of an address; with <c>/</c> at its end, all that lies in the folder and the
    /// folders in it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken = default);

    /// <summary>What is known about an object; <see langword="null"/> where there is none.</summary>
    /// <param name="address">The object's address.</param>
    /// <param name="cancellationToken">Ends it.</param>
    StoredObject? Find(string address, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a file on this machine with the object's bytes, whole and verified. It belongs to the store: never change
    /// or delete it.
    /// </summary>
    /// <param name="address">The object's address.</param>
    /// <param name="known">What a <see cref="List"/> or <see cref="Find"/> just told: spares asking again whether a
    /// kept copy is the current one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The file's path.</returns>
    string Fetch(string address, StoredObject? known = null, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="Fetch"/>, without a thread that waits; by default it has one.</summary>
    /// <inheritdoc cref="Fetch"/>
    Task<string> FetchAsync(
        string address, StoredObject? known = null, CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(() => Fetch(address, known, cancellationToken), cancellationToken,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>
    /// Brings an object, whole and verified, into a file of the caller's; one that is there is replaced.
    /// </summary>
    /// <param name="address">The object's address.</param>
    /// <param name="file">The file's path.</param>
    /// <param name="cancellationToken">Ends it.</param>
    void Download(string address, string file, CancellationToken cancellationToken = default);

    /// <summary>Reads a part of an object.</summary>
    /// <param name="address">The object's address.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="count">Bytes; fewer come back where the object ends before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    byte[] ReadRange(string address, long offset, int count, CancellationToken cancellationToken = default);

    /// <summary>Writes an object: it appears whole or not at all.</summary>
    /// <param name="address">The object's address.</param>
    /// <param name="content">Its bytes, from the stream's position to its end.</param>
    /// <param name="condition">What may be there before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StorageException">Of kind <see cref="StorageErrorKind.Conflict"/> where the condition does not
    /// hold; nothing was changed.</exception>
    StoredObject Write(string address, Stream content, WriteCondition condition,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes an object.</summary>
    /// <param name="address">The object's address.</param>
    /// <param name="generation">Only this version of it; <see langword="null"/> for the one that is there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StorageException">Of kind <see cref="StorageErrorKind.Conflict"/> where another version is
    /// there.</exception>
    bool Delete(string address, long? generation = null, CancellationToken cancellationToken = default);
}
