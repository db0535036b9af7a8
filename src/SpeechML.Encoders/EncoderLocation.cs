using SpeechML.Audio.Options;
using SpeechML.Audio.Storage;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Hub;

namespace SpeechML.Encoders;

/// <summary>
/// Where a pretrained encoder is on this machine. Disposing it, after loading, deletes a download that
/// <see cref="HubOptions.KeepDownload"/> says not to keep.
/// </summary>
internal sealed class EncoderLocation : IDisposable
{
    private readonly HubSnapshot? _snapshot;

    private EncoderLocation(string folder, HubSnapshot? snapshot)
    {
        Folder = folder;
        _snapshot = snapshot;
    }

    /// <summary>The folder, for <see cref="EncoderLoader.Load"/>.</summary>
    public string Folder { get; }

    /// <summary>The Hub id that was meant, or <see langword="null"/> for a folder of the user's own.</summary>
    public string? HubId => _snapshot?.Id;

    /// <summary>
    /// The commit of the Hub that the files are of, or <see langword="null"/> for a folder of the user's own.
    /// </summary>
    public string? Commit => _snapshot?.Commit;

    /// <summary>
    /// Finds an encoder by what a user calls it. An existing folder is itself; a folder of a store (<c>gs://...</c>) is
    /// brought to this machine; a short name of <see cref="EncoderRegistry"/> or a Hub id, either with
    /// <c>@revision</c> after it or not, is brought from the Hub into the cache shared with Python, unless it is there.
    /// </summary>
    /// <param name="encoder">A folder, its address, a short name (<c>wavlm-base</c>), or a Hub id
    /// (<c>organisation/name</c>, <c>organisation/name@revision</c>).</param>
    /// <param name="options">The Hub and the cache; those of the environment if <see langword="null"/>.</param>
    /// <param name="progress">Told of bytes as they come.</param>
    /// <param name="cancellationToken">Ends a download; what is there stays for the next attempt.</param>
    /// <exception cref="ArgumentException">Neither a folder that exists, nor a short name, nor a Hub id; the message
    /// lists the short names.</exception>
    /// <exception cref="HubException">The Hub has no such model, it may not be read, or the network failed and the
    /// cache does not hold it.</exception>
    public static EncoderLocation Find(
        string encoder, HubOptions? options = null, IProgress<HubProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(encoder);
        if (Directory.Exists(encoder))
        {
            return new EncoderLocation(encoder, null);
        }
        if (StoragePath.IsRemote(encoder))
        {
            return new EncoderLocation(StoredFolder.Fetch(encoder, ModelFiles.WithShards), null);
        }
        (string[] parts, string? known) = Parse(encoder);
        using var client = new HubClient(options);
        try
        {
            HubSnapshot snapshot = client.Download(
                known ?? parts[0], parts.Length == 2 ? parts[1] : "main", progress, cancellationToken);
            return new EncoderLocation(snapshot.Folder, snapshot);
        }
        // It may have been meant as a folder.
        catch (HubException error) when (known is null)
        {
            throw new HubException($"Encoder '{encoder}': there is no folder of this name. {error.Message}",
                error.StatusCode, error);
        }
    }

    /// <summary>
    /// Refuses what <see cref="Find"/> would refuse without looking anywhere but on this machine.
    /// </summary>
    /// <exception cref="ArgumentException">As for <see cref="Find"/>.</exception>
    public static void Check(string encoder)
    {
        if (!Directory.Exists(encoder) && !StoragePath.IsRemote(encoder))
        {
            _ = Parse(encoder);
        }
    }

    private static (string[] Parts, string? Known) Parse(string encoder)
    {
        if (File.Exists(encoder))
        {
            throw new ArgumentException(
                $"Encoder '{encoder}': expected the folder of a pretrained encoder, its name or a Hub id, got a " +
                "file. A trained model's zip is option InitialModel.Path.", nameof(encoder));
        }
        string[] parts = encoder.Split('@', 2);
        string? known = EncoderRegistry.Find(parts[0])?.HubId;
        string near = NearestName.Say(
            parts[0], EncoderRegistry.Known.Select(k => k.Name), n => $"; the nearest is '{n}'");
        return known is not null || (parts[0].Contains('/') && HubNames.IsId(parts[0])) ? (parts, known)
            : throw new ArgumentException(
                $"Encoder '{encoder}': expected a folder (there is none of this name), a Hub id ('organisation/name' " +
                $"or 'organisation/name@revision'), or one of {EncoderRegistry.KnownNames}{near}.",
                nameof(encoder));
    }

    /// <inheritdoc/>
    public void Dispose() => _snapshot?.Dispose();
}
