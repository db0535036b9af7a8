using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>
/// The Hub's endpoints for one model: its description, and its files, of which the large ones are on another host.
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
            request => StorageFault?.Invoke(request) ?? AnswerFile(request, Uri.UnescapeDataString(request.Path[1..])));
    }

    public Dictionary<string, byte[]> Files { get; }

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
        if (request.Path is $"/api/models/{Id}/revision/main" or $"/api/models/{Id}/revision/{Commit}"
            or $"/api/models/{Id}/revision/refs%2Fpr%2F7")
        {
            return new WireResponse(
                200, JsonSerializer.SerializeToUtf8Bytes(
                new { id = Id, sha = Commit, siblings = Files.Keys.Select(f => new { rfilename = f }) }));
        }
        string prefix = $"/{Id}/resolve/{Commit}/";
        if (!request.Path.StartsWith(prefix, StringComparison.Ordinal)
            || !Files.TryGetValue(request.Path[prefix.Length..], out byte[]? content))
        {
            return new WireResponse(
                404, [], ("X-Error-Code",
                request.Path.StartsWith($"/{Id}/", StringComparison.Ordinal) ? "EntryNotFound" : "RepoNotFound"));
        }
        string name = request.Path[prefix.Length..];
        return IsLarge(name)
            ? new WireResponse(
                302,
                [],
                ("Location", $"{Storage.Address}{name}"),
                ("X-Repo-Commit", Commit),
                ("X-Linked-Etag", $"\"{Etag(name, content)}\""),
                ("X-Linked-Size", content.Length.ToString(CultureInfo.InvariantCulture)),
                ("ETag", "\"of-the-pointer\""))
            : AnswerFile(request, name);
    }

    private WireResponse AnswerFile(WireRequest request, string name)
    {
        byte[] content = Files[name];
        byte[] body = Slice(content, request.Header("range"), out int from);
        string etag = IsLarge(name) ? "storage-has-other-etags" : Etag(name, content);
        return from == 0
            ? new WireResponse(200, body, ("ETag", $"\"{etag}\""))
            : new WireResponse(206, body, ("ETag", $"\"{etag}\""),
                ("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}"));
    }
}
