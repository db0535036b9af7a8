using System.Globalization;
using System.Runtime.ExceptionServices;
using Google.Apis.Download;
using Google.Apis.Services;

namespace SpeechML.GoogleCloud;

/// <summary>
/// One request for an object's bytes by Google's downloader, whose headers are seen before the bytes are taken. Checks
/// and repetitions are the caller's: the downloader has none for parts.
/// </summary>
/// <param name="service">The service.</param>
/// <param name="begin">Reads the headers; whether the bytes are wanted.</param>
/// <param name="take">Takes what came, in order.</param>
internal sealed class GcsMedia(
    IClientService service, Func<HttpResponseMessage, bool> begin, Action<ReadOnlySpan<byte>> take)
    : MediaDownloader(service)
{
    // What a cut loses at most: the downloader fills a buffer of this length before it hands on what came.
    private const int Piece = 1 << 16;

    private readonly IClientService _service = service;
    private bool _isUnwanted;
    private Exception? _failure;

    /// <summary>Brings the bytes; <see langword="false"/> where they are not wanted.</summary>
    /// <param name="address">The object.</param>
    /// <param name="generation">The version; <see langword="null"/> for the current one.</param>
    /// <param name="kept">The version that need not be brought again.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<bool> RunAsync(
        GcsAddress address, long? generation, long? kept, CancellationToken cancellation)
    {
        ChunkSize = Piece;
        string query = string.Join('&', new[] { ("generation", generation), ("ifGenerationNotMatch", kept) }
            .Where(p => p.Item2 is not null)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Item1}={p.Item2}")));
        IDownloadProgress progress = await DownloadAsync(
            $"{_service.BaseUri}{address.ObjectPath}{(query.Length > 0 ? "?" + query : "")}", Stream.Null,
            cancellation).ConfigureAwait(false);
        if (_isUnwanted)
        {
            return false;
        }
        if (_failure is not null)
        {
            throw new GcsLocalException(_failure);
        }
        if (progress.Exception is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }
        return true;
    }

    protected override void OnResponseReceived(HttpResponseMessage response)
    {
        _isUnwanted = Guard(() => !begin(response));
        if (_isUnwanted)
        {
            throw new InvalidOperationException("Unwanted: ends the download without reading the bytes.");
        }
    }

    protected override void OnDataReceived(byte[] data, int length) => Guard(() =>
    {
        take(data.AsSpan(0, length));
        return true;
    });

    /// <summary>The downloader keeps every exception: those of the caller are to be told from the network's.</summary>
    private bool Guard(Func<bool> action)
    {
        try
        {
            return action();
        }
        catch (Exception e)
        {
            _failure = e;
            throw;
        }
    }
}
