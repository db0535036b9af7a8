using SpeechML.Audio.Storage;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SpeechML.TestSupport.GoogleCloud;

/// <summary>An object as the server keeps it.</summary>
internal sealed record GcsEntry(byte[] Bytes, long Generation, JsonNode? Metadata)
{
    public string Crc => Base64(Crc32C.Compute(Bytes));

    public string? Encoding { get; init; }

    public static string Base64(uint crc) =>
        Convert.ToBase64String([(byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc]);
}

/// <summary>
/// The objects and upload sessions, and the answers of the JSON API
/// (https://cloud.google.com/storage/docs/json_api/v1).
/// </summary>
internal sealed class GcsBackend(Uri address)
{
    public const string Bucket = "test-bucket";

    // The service keeps whole units of a piece that breaks off.
    private const int Unit = 1 << 18;

    private readonly object _lock = new();
    private readonly SortedDictionary<string, GcsEntry> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Session> _sessions = [];
    private long _generation = 1_700_000_000_000_000;
    private int _session;

    public int PageSize { get; set; } = 1000;

    /// <summary>Where sessions are said to be; null for here.</summary>
    public Uri? SessionHost { get; set; }

    /// <summary>
    /// Whether media answers tell generation and checksum, as the service's do and some emulators' do not.
    /// </summary>
    public bool TellsFacts { get; set; } = true;

    /// <summary>Whether a description leaves out numbers that are 0, as some emulators' do.</summary>
    public bool LeavesZerosOut { get; set; }

    /// <summary>What is said of a bucket that is not there.</summary>
    public string NoBucket { get; set; } = "The specified bucket does not exist.";

    /// <summary>Every write that took effect, by name.</summary>
    public List<string> Writes { get; } = [];

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock)
            {
                return [.. _objects.Keys];
            }
        }
    }

    public GcsEntry this[string name]
    {
        get
        {
            lock (_lock)
            {
                return _objects[name];
            }
        }
    }

    public long Put(string name, byte[] bytes, JsonNode? metadata = null, string? encoding = null)
    {
        lock (_lock)
        {
            _objects[name] = new GcsEntry(bytes, ++_generation, metadata) { Encoding = encoding };
            Writes.Add(name);
            return _generation;
        }
    }

    /// <summary>Keeps whole units of a piece whose sending broke off.</summary>
    public void Keep(GcsRequest request, int bytes)
    {
        lock (_lock)
        {
            if (request.IsPiece && _sessions.TryGetValue(request.Query("upload_id")!, out Session? session))
            {
                Append(session, request, bytes / Unit * Unit);
            }
        }
    }

    public GcsResponse Answer(GcsRequest request, GcsFault fault)
    {
        lock (_lock)
        {
            // "", storage, v1, b, bucket, o, name  or  "", upload, storage, ...
            string[] parts = request.Path.Split('/');
            bool upload = parts[1] == "upload";
            if (Uri.UnescapeDataString(parts[upload ? 5 : 4]) != Bucket)
            {
                return Error(404, NoBucket);
            }
            if (upload)
            {
                return request.Method == "POST" ? Begin(request) : Piece(request, fault);
            }
            if (request.IsList)
            {
                return List(request);
            }
            string name = Uri.UnescapeDataString(parts[6]);
            return request.Method switch
            {
                "DELETE" => Delete(request, name),
                _ when request.IsMedia => Media(request, name, fault),
                _ => _objects.TryGetValue(name, out GcsEntry? entry)
                && (request.Query("generation") ?? Text(entry.Generation)) == Text(entry.Generation)
                ? Json(200, Describe(name, entry)) : Missing(name),
            };
        }
    }

    public static GcsResponse Error(int status, string message, params (string, string)[] headers) =>
        new(status, Encoding.UTF8.GetBytes(
            new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = message } }.ToJsonString()),
            headers);

    private GcsResponse List(GcsRequest request)
    {
        string prefix = request.Query("prefix") ?? "";
        string after = request.Query("pageToken") is { } token
            ? Encoding.UTF8.GetString(Convert.FromBase64String(token)) : "";
        List<string> names = [.. _objects.Keys.Where(
            n => n.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(n, after) > 0)
            .Take(PageSize + 1)];
        var answer = new JsonObject();
        if (names.Count > 0)
        {
            answer["items"] = new JsonArray([.. names.Take(PageSize).Select(n => (JsonNode)Describe(n, _objects[n]))]);
        }
        if (names.Count > PageSize)
        {
            answer["nextPageToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(names[PageSize - 1]));
        }
        return Json(200, answer);
    }

    private GcsResponse Media(GcsRequest request, string name, GcsFault fault)
    {
        if (!_objects.TryGetValue(name, out GcsEntry? entry)
            || (request.Query("generation") ?? Text(entry.Generation)) != Text(entry.Generation))
        {
            return Missing(name);
        }
        if (request.Query("ifGenerationNotMatch") == Text(entry.Generation))
        {
            return new GcsResponse(304, []);
        }
        string crc = fault.WrongHash ? GcsEntry.Base64(1) : entry.Crc;
        var headers = new List<(string, string)>();
        if (TellsFacts)
        {
            headers.AddRange([("x-goog-generation", Text(entry.Generation)),
                ("x-goog-hash", $"crc32c={crc},md5=ICy5YqxZB1uWSwcVLSNLcA=="),
                ("x-goog-stored-content-length", Text(entry.Bytes.Length))]);
        }
        if (entry.Encoding is { } encoding)
        {
            headers.Add(("Content-Encoding", encoding));
        }
        if (!request.Headers.TryGetValue("range", out string? range))
        {
            return new GcsResponse(200, entry.Bytes, [.. headers]);
        }
        string[] ends = range["bytes=".Length..].Split('-');
        long from = Math.Max(0, long.Parse(ends[0], CultureInfo.InvariantCulture) - fault.RangeEarlier);
        if (from >= entry.Bytes.Length)
        {
            return Error(416, "Requested range not satisfiable");
        }
        long to = ends[1].Length == 0 ? entry.Bytes.Length - 1
            : Math.Min(entry.Bytes.Length - 1, long.Parse(ends[1], CultureInfo.InvariantCulture));
        headers.Add(("Content-Range", $"bytes {from}-{to}/{entry.Bytes.Length}"));
        return new GcsResponse(fault.PartAs200 ? 200 : 206, entry.Bytes[(int)from..(int)(to + 1)], [.. headers]);
    }

    private GcsResponse Delete(GcsRequest request, string name)
    {
        if (!_objects.TryGetValue(name, out GcsEntry? entry))
        {
            return Missing(name);
        }
        if ((request.Query("ifGenerationMatch") ?? Text(entry.Generation)) != Text(entry.Generation))
        {
            return Precondition();
        }
        _objects.Remove(name);
        return new GcsResponse(204, []);
    }

    private GcsResponse Begin(GcsRequest request)
    {
        JsonNode description = JsonNode.Parse(request.Body)!;
        string name = request.Query("name") ?? description["name"]!.GetValue<string>();
        if (!MayWrite(name, request.Query("ifGenerationMatch")))
        {
            return Precondition();
        }
        string id = $"s{++_session}";
        _sessions[id] = new Session(
            name, request.Query("ifGenerationMatch"), description,
            long.Parse(request.Headers["x-upload-content-length"], CultureInfo.InvariantCulture));
        return new GcsResponse(200, [],
            ("Location",
            $"{SessionHost ?? address}upload/storage/v1/b/{Bucket}/o?uploadType=resumable&upload_id={id}"));
    }

    private GcsResponse Piece(GcsRequest request, GcsFault fault)
    {
        string id = request.Query("upload_id")!;
        if (fault.LoseSession)
        {
            _sessions.Remove(id);
        }
        if (!_sessions.TryGetValue(id, out Session? session))
        {
            return Error(410, "The upload session is gone");
        }
        if (session.Done is { } done)
        {
            return Json(200, Describe(session.Name, done));
        }
        if (request.IsPiece && !Append(
            session, request, Math.Min(request.Body.Length, fault.Commit ?? request.Body.Length)))
        {
            return Error(400, "Pieces must follow each other and be multiples of 256 KiB");
        }
        if (session.Bytes.Count < session.Size)
        {
            return new GcsResponse(308, [],
                session.Bytes.Count == 0 ? [] : [("Range", $"bytes=0-{session.Bytes.Count - 1}")]);
        }
        if (!MayWrite(session.Name, session.Generation))
        {
            return Precondition();
        }
        byte[] bytes = [.. session.Bytes];
        if (session.Description["crc32c"]?.GetValue<string>() is { } crc
            && crc != GcsEntry.Base64(Crc32C.Compute(bytes)))
        {
            _sessions.Remove(id);
            return Error(400, "Provided CRC32C does not match the calculated one");
        }
        Put(session.Name, bytes, session.Description["metadata"]?.DeepClone());
        session.Done = _objects[session.Name];
        return Json(200, Describe(session.Name, session.Done));
    }

    private static bool Append(Session session, GcsRequest request, int count)
    {
        string[] range = request.Headers["content-range"]["bytes ".Length..].Split('-', '/');
        long from = long.Parse(range[0], CultureInfo.InvariantCulture);
        bool last = long.Parse(range[1], CultureInfo.InvariantCulture) + 1 == session.Size;
        if (from != session.Bytes.Count || (!last && request.Body.Length % Unit != 0 && count == request.Body.Length))
        {
            return false;
        }
        session.Bytes.AddRange(request.Body.AsSpan(0, count));
        return true;
    }

    private bool MayWrite(string name, string? generation) =>
        generation is null || generation == Text(
            _objects.TryGetValue(name, out GcsEntry? entry) ? entry.Generation : 0);

    private JsonObject Describe(string name, GcsEntry entry) => new()
    {
        ["kind"] = "storage#object",
        ["bucket"] = Bucket,
        ["name"] = name,
        ["size"] = LeavesZerosOut && entry.Bytes.Length == 0 ? null : Text(entry.Bytes.Length),
        ["generation"] = Text(entry.Generation),
        ["crc32c"] = entry.Crc,
        ["metadata"] = entry.Metadata?.DeepClone(),
    };

    private static GcsResponse Missing(string name) => Error(404, $"No such object: {Bucket}/{name}");

    private static GcsResponse Precondition() =>
        Error(412, "At least one of the pre-conditions you specified did not hold.");

    private static GcsResponse Json(int status, JsonNode json) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(json), ("Content-Type", "application/json; charset=UTF-8"));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Session(string Name, string? Generation, JsonNode Description, long Size)
    {
        public List<byte> Bytes { get; } = [];

        public GcsEntry? Done { get; set; }
    }
}
