using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using SpeechML.Audio.Storage;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Brings one object into a file: continued where it was cut, of one generation, checked by size and CRC-32C.
/// </summary>
internal sealed class GcsDownload(GcsClient client, GcsRetry retry, GcsObjects objects)
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
                var part = new MemoryStream();
                var range = new RangeHeaderValue(offset, offset + count - 1);
                try
                {
                    await SendAsync(
                        address, null, null, range, response => CheckRange(response, offset, name),
                        bytes => part.Write(bytes), cancellation).ConfigureAwait(false);
                }
                catch (GcsStatusException status)
                {
                    return status.Status == (int)HttpStatusCode.RequestedRangeNotSatisfiable ? [] : throw status.Error;
                }
                return part.Length <= count ? part.ToArray()
                    : throw new GcsTransientException($"{part.Length} bytes in place of {count}");
            },
            cancellation);
    }

    /// <summary>Where the bytes belong stands in Content-Range, whatever the status.</summary>
    private static bool CheckRange(HttpResponseMessage response, long offset, string name) =>
        response.Content.Headers.ContentRange?.From == offset
            ? true
            : throw new StorageException(
                StorageErrorKind.Invalid, name,
                $"expected the range from byte {offset}, got status {(int)response.StatusCode} and range " +
                $"'{response.Content.Headers.ContentRange}'. Check the option Endpoint.");

    /// <summary>One request; whether all is done.</summary>
    private async Task<bool> AttemptAsync(Download state, long? kept, CancellationToken cancellation)
    {
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
        try
        {
            if (!await SendAsync(
                state.Address, state.Pinned, kept, from > 0 ? new RangeHeaderValue(from, null) : null,
                response => state.Begin(response, from), state.Take, cancellation).ConfigureAwait(false))
            {
                if (state.NeedsFacts)
                {
                    state.Facts = await DescribeAsync(state, cancellation).ConfigureAwait(false);
                    state.Pinned = state.Facts.Generation;
                }
                return false;
            }
        }
        catch (GcsStatusException status)
        {
            switch ((HttpStatusCode)status.Status)
            {
                case HttpStatusCode.NotModified:
                    return true;
                case HttpStatusCode.NotFound when state.Pinned is { } gone:
                    // Replaced since: the version that there is now, from its beginning.
                    state.Replaced(gone);
                    return false;
                case HttpStatusCode.RequestedRangeNotSatisfiable when from > 0:
                    state.Facts = await DescribeAsync(state, cancellation).ConfigureAwait(false);
                    return state.File!.Length == state.Facts.Size
                        ? await VerifyAsync(state, cancellation).ConfigureAwait(false) : state.StartOver();
                default:
                    throw status.Error;
            }
        }
        return state.File!.Length < state.Facts!.Size
            ? throw new GcsTransientException($"an end after {state.File.Length} of {state.Facts.Size} bytes")
            : await VerifyAsync(state, cancellation).ConfigureAwait(false);
    }
    /// <summary>One request for bytes; <see langword="false"/> where they were not wanted.</summary>
    private Task<bool> SendAsync(
        GcsAddress address, long? generation, long? kept, RangeHeaderValue? range,
        Func<HttpResponseMessage, bool> begin, Action<ReadOnlySpan<byte>> take, CancellationToken cancellation) =>
        client.CallAsync(
            address.ToString(),
            "an object",
            c => new GcsMedia(c.Service, begin, take) { Range = range }
                .RunAsync(address, generation, kept, cancellation),
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
        private long _gained; // bytes since patience last began anew

        public GcsAddress Address { get; } = address;

        public GcsRetry.Attempts Attempts { get; } = attempts;

        public Func<long, FileStream> Open { get; } = open;

        public FileChecksum Crc { get; } = new();

        public long? Pinned { get; set; }

        public ObjectMetadata? Facts { get; set; }

        public FileStream? File { get; set; }

        /// <summary>Whether the server told nothing beside the bytes, and must be asked first.</summary>
        public bool NeedsFacts { get; private set; }

        /// <summary>Reads an answer's headers; whether its bytes are wanted.</summary>
        public bool Begin(HttpResponseMessage response, long from)
        {
            ObjectMetadata? facts = ObjectMetadata.Read(response)
                ?? (Facts is { } told ? told with { IsGzip = ObjectMetadata.IsStoredAsGzip(response) } : null);
            NeedsFacts = facts is null;
            if (facts is null)
            {
                return false;
            }
            if (Pinned is { } wanted && wanted != facts.Generation)
            {
                Replaced(wanted);
                return false;
            }
            Facts = facts;
            if (Pinned is null)
            {
                Pinned = facts.Generation;
                File = Open(facts.Generation);
                if (File.Length > 0)
                {
                    return false; // an earlier attempt's beginning: ask for the rest
                }
            }
            _gained = 0;
            long begins = response.Content.Headers.ContentRange?.From ?? 0; // none: all of it, from the beginning
            if (begins > from)
            {
                throw new StorageException(
                    StorageErrorKind.Invalid, Address.ToString(),
                    $"expected the range from byte {from}, got '{response.Content.Headers.ContentRange}'. Check the " +
                    $"option Endpoint.");
            }
            if (begins < File!.Length)
            {
                Crc.Reset();
                File.SetLength(begins);
            }
            return true;
        }

        /// <summary>Takes in what came.</summary>
        public void Take(ReadOnlySpan<byte> bytes)
        {
            FileStream file = File!;
            if (file.Length + bytes.Length > Facts!.Size)
            {
                // More than is stored cannot be right; the checksum tells of the rest.
                StartOver();
                throw Mismatch($"{Facts.Size} bytes", "more");
            }
            file.Position = file.Length;
            file.Write(bytes);
            Crc.Written(file, bytes);
            _gained += bytes.Length;
            if (_gained >= Progress)
            {
                Attempts.Reset();
                _gained = 0;
            }
        }

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
