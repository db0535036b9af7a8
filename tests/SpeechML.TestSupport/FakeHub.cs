using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SpeechML.TestSupport;

/// <summary>
/// The Hub's endpoints for a model or several: their descriptions, and their files, of which the large ones are on
/// another host.
/// </summary>
internal sealed class FakeHub : IDisposable
{
    public const string Id = "org/tiny";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    public FakeHub(params (string Name, byte[] Content)[] files)
    {
        Files = files.ToDictionary(f => f.Name, f => f.Content);
        Hub = new LoopbackServer(request => HubFault?.Invoke(request) ?? AnswerHub(request));
        Storage = new LoopbackServer(
            request => StorageFault?.Invoke(request) ?? AnswerStorage(request));
    }

    /// <summary>Files of the model <see cref="Id"/>.</summary>
    public Dictionary<string, byte[]> Files { get; }

    /// <summary>Files of other models, by their ids.</summary>
    public Dictionary<string, Dictionary<string, byte[]>> Others { get; } = [];

    public LoopbackServer Hub { get; }

    public LoopbackServer Storage { get; }

    /// <summary>Answers in place of the Hub where it does not give <see langword="null"/>.</summary>
    public Func<WireRequest, WireResponse?>? HubFault { get; set; }

    public Func<WireRequest, WireResponse?>? StorageFault { get; set; }

    public IEnumerable<string> FilesAsked =>
        Hub.Requests.Where(r => r.Path.Contains("/resolve/", StringComparison.Ordinal))
        .Select(r => r.Path.Split('/')[^1]).Distinct();

    public static bool IsLarge(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".bin", StringComparison.Ordinal);

#pragma warning disable CA5350 // git names a blob by its sha1
    public static string Etag(string name, byte[] content) => Convert.ToHexStringLower(IsLarge(name)
        ? SHA256.HashData(content)
        : SHA1.HashData([.. Encoding.ASCII.GetBytes(FormattableString.Invariant($"blob {content.Length}\0")),
            .. content]));
#pragma warning restore CA5350

    public static byte[] Slice(byte[] content, string? range, out int from)
    {
        from = range is null ? 0 : int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        return content[from..];
    }

    public void Dispose()
    {
        Hub.Dispose();
        Storage.Dispose();
    }

    private WireResponse AnswerHub(WireRequest request)
    {
        (string id, Dictionary<string, byte[]> files) = Others.FirstOrDefault(
            o => request.Path.Contains($"/{o.Key}/", StringComparison.Ordinal),
            KeyValuePair.Create(Id, Files));
        string[] revisions = ["main", Commit, "refs%2Fpr%2F7", "v1"];
        if (revisions.Any(r => request.Path == $"/api/models/{id}/revision/{r}"))
        {
            return new WireResponse(
                200, JsonSerializer.SerializeToUtf8Bytes(
                new { id, sha = Commit, siblings = files.Keys.Select(f => new { rfilename = f }) }));
        }
        string prefix = $"/{id}/resolve/{Commit}/";
        if (!request.Path.StartsWith(prefix, StringComparison.Ordinal)
            || !files.TryGetValue(request.Path[prefix.Length..], out byte[]? content))
        {
            return new WireResponse(
                404, [], ("X-Error-Code",
                request.Path.StartsWith($"/{id}/", StringComparison.Ordinal) ? "EntryNotFound" : "RepoNotFound"));
        }
        string name = request.Path[prefix.Length..];
        return IsLarge(name)
            ? new WireResponse(
                302,
                [],
                ("Location", id == Id ? $"{Storage.Address}{name}" : $"{Storage.Address}{id}/{name}"),
                ("X-Repo-Commit", Commit),
                ("X-Linked-Etag", $"\"{Etag(name, content)}\""),
                ("X-Linked-Size", content.Length.ToString(CultureInfo.InvariantCulture)),
                ("ETag", "\"of-the-pointer\""))
            : AnswerFile(request, content, name);
    }

    private WireResponse AnswerStorage(WireRequest request)
    {
        string name = Uri.UnescapeDataString(request.Path[1..]);
        foreach ((string id, Dictionary<string, byte[]> files) in Others)
        {
            if (name.StartsWith(id + "/", StringComparison.Ordinal))
            {
                return AnswerFile(request, files[name[(id.Length + 1)..]], name);
            }
        }
        return AnswerFile(request, Files[name], name);
    }

    private static WireResponse AnswerFile(WireRequest request, byte[] content, string name)
    {
        byte[] body = Slice(content, request.Header("range"), out int from);
        string etag = IsLarge(name) ? "storage-has-other-etags" : Etag(name, content);
        return from == 0
            ? new WireResponse(200, body, ("ETag", $"\"{etag}\""))
            : new WireResponse(206, body, ("ETag", $"\"{etag}\""),
                ("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}"));
    }
}
