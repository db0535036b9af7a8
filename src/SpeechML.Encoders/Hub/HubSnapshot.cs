using SpeechML.Encoders.Hub;

namespace SpeechML;

/// <summary>
/// A model of the Hub as a local folder. Disposing it deletes what the download added, if
/// <see cref="HubOptions.KeepDownload"/> is off; close the <see cref="CheckpointFolder"/> first.
/// </summary>
public sealed class HubSnapshot : IDisposable
{
    private readonly HubCache _cache;
    private readonly bool _deletes;

    internal HubSnapshot(HubCache cache, string id, string commit, string folder, IReadOnlyList<string> downloadedFiles,
        bool deletes)
    {
        _cache = cache;
        _deletes = deletes;
        Id = id;
        Commit = commit;
        Folder = folder;
        DownloadedFiles = downloadedFiles;
    }

    /// <summary>The model's id, <c>organisation/name</c>.</summary>
    public string Id { get; }

    /// <summary>
    /// The commit (40 hexadecimal digits) that the revision meant: write it down to get the same weights again.
    /// </summary>
    public string Commit { get; }

    /// <summary>The folder with <c>config.json</c> and the weights, for <see cref="CheckpointFolder.Open"/>.</summary>
    public string Folder { get; }

    /// <summary>The files that this call added; those that were in the cache before are not listed.</summary>
    public IReadOnlyList<string> DownloadedFiles { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_deletes)
        {
            _cache.Delete(Id, Commit, DownloadedFiles);
        }
    }
}
