using SpeechML.Encoders.Adapters.Peft;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Hub;

namespace SpeechML;

/// <summary>
/// Brings pretrained models from the Hugging Face Hub to a local folder, in the cache that Python's huggingface_hub
/// uses: <c>config.json</c>,
/// <c>preprocessor_config.json</c>, <c>processor_config.json</c> and one container of weights, safetensors before
/// <c>.bin</c>; of a PEFT adapter <c>adapter_config.json</c> and its weights (its base model is another repository); of
/// a model that this library wrote also <c>speechml.json</c>, <c>head.safetensors</c> and its adapter; nothing else.
/// </summary>
public sealed class HubClient : IDisposable
{
    private readonly HubOptions _options;
    private readonly HubHttp _http;
    private readonly HubCache _cache;
    private readonly HubRepository _repository;
    private readonly HubTransfer _transfer;

    /// <summary>Creates a client.</summary>
    /// <param name="options">Settings; those of the environment if <see langword="null"/>.</param>
    public HubClient(HubOptions? options = null)
        : this(options ?? new HubOptions(), handler: null, useLinks: true)
    {
    }

    internal HubClient(HubOptions options, HttpMessageHandler? handler, bool useLinks)
    {
        _options = options;
        _http = new HubHttp(options, handler);
        _cache = new HubCache(options.CacheFolder, useLinks);
        var retry = new HubRetry(options);
        _repository = new HubRepository(_http, retry);
        _transfer = new HubTransfer(_http, retry, _cache);
    }

    /// <summary>Makes sure that a model is in the cache, and gives its folder.</summary>
    /// <param name="id">The model, <c>organisation/name</c>.</param>
    /// <param name="revision">A branch, a tag, a commit or <c>refs/pr/N</c>. A commit that is in the cache needs no
    /// network.</param>
    /// <param name="progress">Told of bytes as they come.</param>
    /// <param name="cancellationToken">Ends it; what is there stays for the next attempt.</param>
    /// <exception cref="ArgumentException">Not an id or revision.</exception>
    /// <exception cref="HubException">There is no such model, it may not be read, or the network failed and the cache
    /// does not hold it.</exception>
    public async Task<HubSnapshot> DownloadAsync(
        string id, string revision = "main", IProgress<HubProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(revision);
        HubNames.CheckId(id);
        HubNames.CheckRevision(revision);
        if (_options.IsOffline)
        {
            return await FindCachedAsync(id, revision, cancellationToken).ConfigureAwait(false)
                ?? throw new HubException(
                    $"Hub model '{id}' at '{revision}': expected it whole in the cache '{_options.CacheFolder}', as " +
                    $"offline mode (HF_HUB_OFFLINE) is on; got " +
                    $"{await DescribeCachedAsync(id, revision, cancellationToken).ConfigureAwait(false)}.");
        }
        HubSnapshot? cached = await FindCachedAsync(id, revision, cancellationToken).ConfigureAwait(false);
        if (cached is not null && HubNames.IsCommit(revision))
        {
            return cached;
        }
        string commit;
        IReadOnlySet<string> files;
        try
        {
            (commit, files) = await _repository.DescribeAsync(
                id, revision, cached is null ? _options.MaxRetries : 1, cancellationToken).ConfigureAwait(false);
        }
        // The Hub cannot be reached or is in trouble: what was downloaded before serves, as it does in Python.
        catch (HubException error) when (error.InnerException is HubTransientException && cached is not null)
        {
            return cached;
        }
        return await DownloadFilesAsync(id, revision, commit, files, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary><see cref="DownloadAsync"/>, waited for.</summary>
    /// <inheritdoc cref="DownloadAsync"/>
    public HubSnapshot Download(
        string id, string revision = "main", IProgress<HubProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Task.Run(() => DownloadAsync(id, revision, progress, cancellationToken), cancellationToken).GetAwaiter()
            .GetResult();

    /// <summary>
    /// Deletes a snapshot from the cache, with the blobs that no other snapshot uses. Close a
    /// <see cref="CheckpointFolder"/> on it first.
    /// </summary>
    public void Delete(HubSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _cache.Delete(snapshot.Id, snapshot.Commit);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HubSnapshot> DownloadFilesAsync(
        string id, string revision, string commit, IReadOnlySet<string> files, IProgress<HubProgress>? progress,
        CancellationToken cancellation)
    {
        IReadOnlyList<string> wanted = ChooseFiles(id, revision, files);
        var added = new List<string>();
        foreach (string name in wanted)
        {
            await FetchAsync(name).ConfigureAwait(false);
        }
        if (wanted[^1] is var container && WeightFiles.IsIndex(container))
        {
            Dictionary<string, string> index =
                WeightFiles.ReadIndex(Path.Combine(_cache.SnapshotFolder(id, commit), container));
            foreach (string shard in index.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                if (!files.Contains(shard) || !HubNames.IsSafeFile(shard))
                {
                    throw new HubException(
                        $"Hub model '{id}' at '{revision}': expected the shard " +
                        $"'{CheckpointException.Shorten(shard)}' that '{container}' names, got none.");
                }
                await FetchAsync(shard).ConfigureAwait(false);
            }
        }
        // Last, so that a revision never points at a snapshot that is not whole.
        _cache.WriteRef(id, revision, commit);
        return new HubSnapshot(_cache, id, commit, _cache.SnapshotFolder(id, commit), added,
            deletes: !_options.KeepDownload);

        async Task FetchAsync(string name)
        {
            HubFile file = await _repository.DescribeFileAsync(id, commit, name, cancellation).ConfigureAwait(false);
            if (await _transfer.FetchAsync(id, commit, file, progress, cancellation).ConfigureAwait(false))
            {
                added.Add(name);
            }
        }
    }

    private static IReadOnlyList<string> ChooseFiles(string id, string revision, IReadOnlySet<string> files)
    {
        if (ModelFiles.Of(files) is { Count: > 0 } wanted)
        {
            return wanted;
        }
        const int MaxNamed = 12;
        string there = string.Join(
            ", ", files.Order(StringComparer.Ordinal).Take(MaxNamed)
            .Select(f => $"'{CheckpointException.Shorten(f)}'"));
        throw new HubException(
            $"Hub model '{id}' at '{revision}': expected '{CheckpointFolder.ConfigFile}' and " +
            $"{WeightFiles.LookedFor}, or '{PeftConfig.FileName}' and {PeftFolder.LookedFor}, got " +
            $"{(there.Length == 0 ? "no files" : there)}{(files.Count > MaxNamed ? ", …" : "")}.");
    }

    private async Task<HubSnapshot?> FindCachedAsync(string id, string revision, CancellationToken cancellation)
    {
        string? commit = HubNames.IsCommit(revision) ? revision : _cache.ReadRef(id, revision);
        return commit is not null && await WhatIsMissingAsync(id, commit, cancellation).ConfigureAwait(false) is null
            ? new HubSnapshot(_cache, id, commit, _cache.SnapshotFolder(id, commit), [], deletes: false)
            : null;
    }

    private async Task<string> DescribeCachedAsync(string id, string revision, CancellationToken cancellation)
    {
        string? commit = HubNames.IsCommit(revision) ? revision : _cache.ReadRef(id, revision);
        return commit is null ? "no such model or revision"
            : $"commit '{commit}' without {await WhatIsMissingAsync(id, commit, cancellation).ConfigureAwait(false)}";
    }

    /// <summary>
    /// Another program may have put single files of a model into the cache, or damaged one: such a file counts as
    /// missing, too.
    /// </summary>
    private async Task<string?> WhatIsMissingAsync(string id, string commit, CancellationToken cancellation)
    {
        string folder = _cache.SnapshotFolder(id, commit);
        string[] there = !Directory.Exists(folder) ? [] : [.. Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(File.Exists)
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))];
        List<string> files = [.. ModelFiles.Of(there)];
        bool isAdapter = there.Contains(PeftConfig.FileName);
        if (isAdapter && !files.Contains(PeftConfig.FileName))
        {
            return "the adapter's weights";
        }
        if (files.Count == 0)
        {
            return there.Contains(CheckpointFolder.ConfigFile) ? "weights" : $"'{CheckpointFolder.ConfigFile}'";
        }
        if (files.Contains(ModelFiles.Facts) && !files.Contains(ModelFiles.Head))
        {
            return $"'{ModelFiles.Head}'";
        }
        string container = files[^1];
        if (WeightFiles.IsIndex(container))
        {
            try
            {
                files.AddRange(WeightFiles.ReadIndex(Path.Combine(folder, container)).Values
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
            }
            catch (CheckpointException error)
            {
                return $"a whole '{container}' ({error.Message.TrimEnd('.')})";
            }
        }
        foreach (string file in files)
        {
            if (!there.Contains(file))
            {
                return $"the shard '{file}'";
            }
            if (!await _cache.IsFileRightAsync(id, commit, file, cancellation).ConfigureAwait(false))
            {
                return $"an undamaged '{file}' (its bytes are not those of its hash)";
            }
        }
        return null;
    }
}
