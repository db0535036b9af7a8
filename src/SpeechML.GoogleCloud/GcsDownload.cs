using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using SpeechML.Audio.Storage;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Brings one object into a file: continued where it was cut, of one generation, checked by size and CRC-32C.
/// </summary>
internal sealed class GcsDownload(GcsHttp http, GcsRetry retry, GcsObjects objects)
{
    private const int BufferLength = 1 << 17;
    private const int MaxMismatches = 3;
    private const int MaxReplacements = 5;

    // Enough to count as progress: a server that sends a byte per connection must not be asked for ever.
    private const long Progress = 1 << 18;

    /// <summary>Downloads.</summary>
    /// <param name="address">The object.</param>
    /// <param name="generation">The version that is thought to be there, and is wanted if it is; <see langword="null"/>
    /// for the current one.</param>
    /// <param name="kept">The version that is here already; where it is the current one nothing is brought.</param>
    /// <param name="open">Opens the file of a version, which may hold the beginning already.</param>
    /// <param name="cancellation">Ends it; the file stays for the next attempt.</param>
    /// <returns>What was brought, and the file's path; <see langword="null"/> where <paramref name="kept"/> is
    /// current.</returns>
    /// <exception cref="StorageException">There is no such object, it cannot be read, or what comes is not what is
    /// stored.</exception>
    public async Task<(ObjectMetadata Facts, string Path)?> RunAsync(
        GcsAddress address, long? generation, long? kept, Func<long, FileStream> open, CancellationToken cancellation)
    {
        var state = new Download(address, retry.Begin(address.ToString()), open) { Pinned = generation };
        try
        {
            while (true)
            {
                try
                {
                    if (await AttemptAsync(state, state.Pinned is null ? kept : null, cancellation)
                        .ConfigureAwait(false))
                    {
                        return state.Facts is { } facts ? (facts, state.File!.Name) : null;
                    }
                }
                catch (GcsTransientException failure)
                {
                    await state.Attempts.WaitAsync(failure, cancellation).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            state.File?.Dispose();
        }
    }

    /// <summary>Reads a part, of one generation, straight to memory.</summary>
    public Task<byte[]> ReadRangeAsync(GcsAddress address, long offset, int count, CancellationToken cancellation)
    {
        string name = address.ToString();
        return retry.RunAsync(
            name,
            async () =>
            {
                HttpResponseMessage response =
                    await SendAsync(address, null, null, new RangeHeaderValue(offset, offset + count - 1), cancellation)
                    .ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    response.Dispose();
                    return [];
                }
                if (!response.IsSuccessStatusCode)
                {
                    throw await http.ExplainAsync(response, name, "an object", cancellation).ConfigureAwait(false);
                }
                using (response)
                {
                    if (response.StatusCode != HttpStatusCode.PartialContent
                        || response.Content.Headers.ContentRange?.From != offset)
                    {
                        throw new StorageException(
                            StorageErrorKind.Invalid, name,
                            $"expected the range from byte {offset}, got status {(int)response.StatusCode} and range " +
                            $"'{response.Content.Headers.ContentRange}'. Check the option Endpoint.");
                    }
                    return await http.GuardAsync(token => response.Content.ReadAsByteArrayAsync(token), cancellation)
                        .ConfigureAwait(false);
                }
            },
            cancellation);
    }

    /// <summary>One request; whether all is done.</summary>
    private async Task<bool> AttemptAsync(Download state, long? kept, CancellationToken cancellation)
    {
        string name = state.Address.ToString();
        long from = 0;
        if (state.Pinned is { } pinned)
        {
            state.File ??= state.Open(pinned);
            from = state.File.Length;
        }
        if (state.Facts is { } known && from == known.Size && from > 0)
        {
            return await VerifyAsync(state, cancellation).ConfigureAwait(false);
        }
        HttpResponseMessage response =
            await SendAsync(state.Address, state.Pinned, kept, from > 0 ? new RangeHeaderValue(from, null) : null,
            cancellation).ConfigureAwait(false);
        switch (response.StatusCode)
        {
            case HttpStatusCode.NotModified:
                response.Dispose();
                return true;
            case HttpStatusCode.NotFound when state.Pinned is { } gone:
                // Replaced since: the version that there is now, from its beginning.
                response.Dispose();
                state.Replaced(gone);
                return false;
            case HttpStatusCode.RequestedRangeNotSatisfiable when from > 0:
                response.Dispose();
                state.Facts = await DescribeAsync(state, cancellation).ConfigureAwait(false);
                return state.File!.Length == state.Facts.Size
                    ? await VerifyAsync(state, cancellation).ConfigureAwait(false) : state.StartOver();
            case HttpStatusCode.OK or HttpStatusCode.PartialContent:
                break;
            default:
                throw await http.ExplainAsync(response, name, "an object", cancellation).ConfigureAwait(false);
        }
        using (response)
        {
            ObjectMetadata facts = ObjectMetadata.Read(response)
                ?? await DescribeAsync(state, cancellation)
                .ConfigureAwait(false) with
                { IsGzip = ObjectMetadata.IsStoredAsGzip(response) };
            if (state.Pinned is { } wanted && wanted != facts.Generation)
            {
                state.Replaced(wanted);
                return false;
            }
            state.Facts = facts;
            if (state.Pinned is null)
            {
                state.Pinned = facts.Generation;
                state.File = state.Open(facts.Generation);
                if (state.File.Length > 0)
                {
                    return false; // an earlier attempt's beginning: ask for the rest
                }
            }
            if (response.StatusCode == HttpStatusCode.OK)
            {
                state.StartOver(); // a server that knows no ranges begins anew
            }
            else if (response.Content.Headers.ContentRange?.From != from)
            {
                throw new StorageException(
                    StorageErrorKind.Invalid, name,
                    $"expected the range from byte {from}, got '{response.Content.Headers.ContentRange}'. Check the " +
                    $"option Endpoint.");
            }
            await CopyAsync(response, state, cancellation).ConfigureAwait(false);
        }
        return state.File!.Length < state.Facts.Size
            ? throw new GcsTransientException($"an end after {state.File.Length} of {state.Facts.Size} bytes")
            : await VerifyAsync(state, cancellation).ConfigureAwait(false);
    }

    private Task<HttpResponseMessage> SendAsync(
        GcsAddress address, long? generation, long? kept, RangeHeaderValue? range, CancellationToken cancellation) =>
        http.SendAsync(
            HttpMethod.Get,
            http.Address(address.ObjectPath,
            query: [("alt", "media"), ("generation", GcsObjects.Text(generation)),
            ("ifGenerationNotMatch", GcsObjects.Text(kept))]),
            address.ToString(),
            request =>
            {
                request.Headers.Range = range;
                // The bytes as they are stored, which the checksum is of.
                request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
            },
            cancellation);

    private async Task<ObjectMetadata> DescribeAsync(Download state, CancellationToken cancellation)
    {
        string name = state.Address.ToString();
        GcsObject found = await objects.FindAsync(state.Address, state.Pinned, cancellation).ConfigureAwait(false)
            ?? throw new StorageException(
                StorageErrorKind.NotFound, name,
                "expected an object, got none any more: it was deleted while it was read.");
        return new ObjectMetadata(
            found.Object.Generation,
            found.Object.Size,
            found.Object.Crc32C ?? throw new StorageException(
            StorageErrorKind.Invalid, name,
            "expected the service to tell a CRC-32C, got none: the download cannot be verified. Check the option " +
            "Endpoint."),
            false);
    }

    private async Task CopyAsync(HttpResponseMessage response, Download state, CancellationToken cancellation)
    {
        FileStream file = state.File!;
        file.Position = file.Length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        long gained = 0;
        try
        {
            using Stream body = await http.GuardAsync(token => response.Content.ReadAsStreamAsync(token), cancellation)
                .ConfigureAwait(false);
            while (true)
            {
                int read = await http.GuardAsync(
                    token => body.ReadAsync(buffer.AsMemory(0, BufferLength), token).AsTask(), cancellation)
                    .ConfigureAwait(false);
                if (read == 0)
                {
                    return;
                }
                if (file.Length + read > state.Facts!.Size)
                {
                    // More than is stored cannot be right; the checksum tells of the rest.
                    state.Crc.Reset();
                    file.SetLength(0);
                    throw state.Mismatch($"{state.Facts.Size} bytes", "more");
                }
                file.Write(buffer, 0, read);
                state.Crc.Written(file, buffer.AsSpan(0, read));
                gained += read;
                if (gained >= Progress)
                {
                    state.Attempts.Reset();
                    gained = 0;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            file.Flush();
        }
    }

    /// <summary>Compares the checksum; what is wrong is brought anew, a few times.</summary>
    private static async Task<bool> VerifyAsync(Download state, CancellationToken cancellation)
    {
        uint got = state.Crc.Of(state.File!);
        uint expected = state.Facts!.Crc32C;
        if (got == expected)
        {
            state.File!.Flush();
            return true;
        }
        state.StartOver();
        await state.Attempts.WaitAsync(state.Mismatch($"CRC-32C {expected:x8}", $"{got:x8}"), cancellation)
            .ConfigureAwait(false);
        return false;
    }

    /// <summary>One download's progress.</summary>
    private sealed class Download(GcsAddress address, GcsRetry.Attempts attempts, Func<long, FileStream> open)
    {
        private int _mismatches;
        private int _replacements;

        public GcsAddress Address { get; } = address;

        public GcsRetry.Attempts Attempts { get; } = attempts;

        public Func<long, FileStream> Open { get; } = open;

        public FileChecksum Crc { get; } = new();

        public long? Pinned { get; set; }

        public ObjectMetadata? Facts { get; set; }

        public FileStream? File { get; set; }

        /// <summary>Empties the file.</summary>
        public bool StartOver()
        {
            Crc.Reset();
            File!.SetLength(0);
            return false;
        }

        /// <exception cref="StorageException">It happens again and again.</exception>
        public void Replaced(long generation)
        {
            if (++_replacements > MaxReplacements)
            {
                throw new StorageException(
                    StorageErrorKind.Conflict, Address.ToString(),
                    $"expected an object that stays while it is read, got one that was replaced {_replacements} " +
                    $"times, the last time after generation {generation}. Wait until it is no longer written to.");
            }
            Crc.Reset();
            if (File is { } file)
            {
                file.Dispose();
                System.IO.File.Delete(file.Name);
            }
            (File, Pinned, Facts) = (null, null, null);
        }

        /// <exception cref="StorageException">It has happened too often.</exception>
        public GcsTransientException Mismatch(string expected, string got) =>
            ++_mismatches < MaxMismatches
                ? new GcsTransientException($"{got} in place of {expected}")
                : throw new StorageException(
                    StorageErrorKind.Corrupt, Address.ToString(),
                    $"expected {expected} as the service tells, got {got}, {_mismatches} times. What is on the way " +
                    $"changes the bytes (a proxy, perhaps): nothing was kept.");
    }

    /// <summary>The checksum of a file that only grows, without reading again what was read.</summary>
    private sealed class FileChecksum
    {
        private long _length;
        private uint _crc;

        public void Reset() => (_length, _crc) = (0, 0);

        /// <summary>Takes in what was just written at the end, without reading it again.</summary>
        public void Written(FileStream file, ReadOnlySpan<byte> bytes)
        {
            if (file.Position - bytes.Length == _length)
            {
                _crc = Crc32C.Append(_crc, bytes);
                _length = file.Position;
            }
        }

        public uint Of(FileStream file)
        {
            if (file.Length == _length)
            {
                return _crc;
            }
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
            file.Position = _length;
            for (int read; (read = file.Read(buffer, 0, BufferLength)) > 0;)
            {
                _crc = Crc32C.Append(_crc, buffer.AsSpan(0, read));
                _length += read;
            }
            ArrayPool<byte>.Shared.Return(buffer);
            return _crc;
        }
    }
}
