using SpeechML.Audio.Storage;

namespace SpeechML.Audio;

/// <summary>
/// Audio in a store: found by lists instead of one question per place where it might be, and brought to this machine.
/// Safe to use from several threads.
/// </summary>
/// <param name="folder">The folder's address; <see langword="null"/> or empty where identifiers are addresses
/// themselves.</param>
/// <param name="layout">How the files lie.</param>
internal sealed class StoredAudio(string? folder, AudioLayout layout)
{
    private readonly Lazy<Task<Dictionary<string, StoredObject>>> _index =
        new(() => OnAThread(() => StoragePath.Objects(folder!).ToDictionary(o => o.Address, StringComparer.Ordinal)));

    /// <summary>Whether an identifier means something in a store.</summary>
    public static bool Applies(string? folder, string audioKey) =>
        StoragePath.IsRemote(audioKey) || (StoragePath.IsRemote(folder) && !Path.IsPathRooted(audioKey));

    /// <summary>Brings the object of an address.</summary>
    /// <exception cref="AudioException">There is none.</exception>
    public static string Fetch(string address, StoredObject? known = null, CancellationToken cancellation = default) =>
        FetchAsync(address, known, cancellation).GetAwaiter().GetResult();

    /// <inheritdoc cref="Fetch(string, StoredObject, CancellationToken)"/>
    public static async Task<string> FetchAsync(
        string address, StoredObject? known = null, CancellationToken cancellation = default)
    {
        try
        {
            return await ObjectStores.For(address).FetchAsync(address, known, cancellation).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            throw new AudioException(
                AudioErrorKind.NotFound, address, $"expected an audio file, got no object of that name. {e.Message}",
                e);
        }
    }

    /// <summary>Brings the object of an identifier.</summary>
    /// <param name="audioKey">The identifier, or an address.</param>
    /// <param name="indexed">Whether many will be asked for, so that one list of the whole folder is worth it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The file here, and the object's address.</returns>
    /// <exception cref="AudioException">There is none.</exception>
    public (string File, string Address) Fetch(string audioKey, bool indexed, CancellationToken cancellation) =>
        FetchAsync(audioKey, indexed, cancellation).GetAwaiter().GetResult();

    /// <inheritdoc cref="Fetch(string, bool, CancellationToken)"/>
    public async Task<(string File, string Address)> FetchAsync(
        string audioKey, bool indexed, CancellationToken cancellation)
    {
        // A whole name most likely is the object's: one request, not two.
        if (StoragePath.IsRemote(audioKey) && layout != AudioLayout.Structured && HasExtension(audioKey))
        {
            try
            {
                string file = await ObjectStores.For(audioKey).FetchAsync(audioKey, null, cancellation)
                    .ConfigureAwait(false);
                return (file, audioKey);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
            {
            }
        }
        if (indexed && IsBestFetchedAtOnce(audioKey))
        {
            string address = AsItStands(audioKey);
            try
            {
                return (await ObjectStores.For(address).FetchAsync(address, null, cancellation).ConfigureAwait(false),
                    address);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
            {
            }
        }
        StoredObject? listed = indexed && !StoragePath.IsRemote(audioKey)
            ? Listed(audioKey, await _index.Value.ConfigureAwait(false)) : null;
        // it may have come after the list
        StoredObject found = listed ?? await OnAThread(() => Find(audioKey, cancellation)).ConfigureAwait(false);
        return (await FetchAsync(found.Address, found, cancellation).ConfigureAwait(false), found.Address);
    }

    /// <summary>The object of an identifier.</summary>
    /// <param name="audioKey">The identifier, or an address.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="AudioException">There is none.</exception>
    public StoredObject Find(string audioKey, CancellationToken cancellation)
    {
        string[] addresses = Addresses(audioKey);
        Dictionary<string, StoredObject> objects = Look(addresses, cancellation);
        return First(addresses, objects)
            ?? throw AudioPath.NotFound(StoragePath.IsRemote(audioKey) ? null : folder, audioKey,
                AudioPath.Candidates(audioKey, layout), folderExists: true,
                NearNames.Among(audioKey, Names(objects.Keys)));
    }

    /// <summary>
    /// Whether a clip is asked for by its name while the list is still under way: a whole name most likely is the
    /// object's, and without a copy here the list would spare no request.
    /// </summary>
    private bool IsBestFetchedAtOnce(string audioKey) =>
        !StoragePath.IsRemote(audioKey) && layout != AudioLayout.Structured && HasExtension(audioKey)
            && !_index.Value.IsCompleted && ObjectStores.For(folder!) is IKeepsCopies store
            && !store.HasCopy(AsItStands(audioKey));

    private string AsItStands(string audioKey) => StoragePath.Combine(folder!, audioKey);

    private StoredObject? Listed(string audioKey, Dictionary<string, StoredObject> objects) =>
        (layout == AudioLayout.Structured ? null : objects.GetValueOrDefault(AsItStands(audioKey)))
            ?? First(Addresses(audioKey), objects);

    /// <summary>Names as identifiers have them, of the list of the whole folder if there is one.</summary>
    private IEnumerable<string> Names(IEnumerable<string> addresses)
    {
        IEnumerable<string> all = _index is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }
            ? _index.Value.Result.Keys : addresses;
        int prefix = string.IsNullOrEmpty(folder) ? 0 : StoragePath.Combine(folder, "x").Length - 1;
        return all.Select(a => a.Length > prefix ? a[prefix..] : a);
    }

    private string[] Addresses(string audioKey) =>
        [.. AudioPath.Candidates(audioKey, layout)
        .Select(c => string.IsNullOrEmpty(folder) ? c : StoragePath.Combine(folder, c))];

    /// <summary>
    /// Runs what waits for answers on a thread of its own: those of the pool must stay free for the answers.
    /// </summary>
    private static Task<T> OnAThread<T>(Func<T> function) =>
        Task.Factory.StartNew(function, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static StoredObject? First(string[] addresses, Dictionary<string, StoredObject> objects) =>
        addresses.Select(a => objects.GetValueOrDefault(a)).FirstOrDefault(o => o is not null);

    /// <summary>
    /// The objects whose names differ from the places by their extension only: a request for each stem.
    /// </summary>
    private static Dictionary<string, StoredObject> Look(string[] addresses, CancellationToken cancellation)
    {
        var found = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        IObjectStore store = ObjectStores.For(addresses[0]);
        if (!HasExtension(addresses[0]) && store.Find(addresses[0], cancellation) is { } bare)
        {
            found[bare.Address] = bare;
        }
        foreach (string stem in addresses.Where(HasExtension).Select(a => a[..(a.LastIndexOf('.') + 1)])
            .Distinct(StringComparer.Ordinal))
        {
            foreach (StoredObject item in store.List(stem, cancellation))
            {
                found[item.Address] = item;
            }
        }
        return found;
    }

    private static bool HasExtension(string address) =>
        AudioPath.Extensions.Contains(Path.GetExtension(address), StringComparer.OrdinalIgnoreCase);
}
