namespace SpeechML;

/// <summary>
/// Where pretrained models come from and where they are kept. The defaults are those of Python's huggingface_hub, from
/// the same environment variables, so
/// that both share one cache: <c>HF_HOME</c>, <c>HF_HUB_CACHE</c> (or <c>HUGGINGFACE_HUB_CACHE</c>),
/// <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c> (or
/// <c>HF_TOKEN_PATH</c>, the file <c>token</c> in <c>HF_HOME</c>), <c>HF_HUB_OFFLINE</c>,
/// <c>HF_HUB_DISABLE_IMPLICIT_TOKEN</c>.
/// </summary>
public sealed class HubOptions
{
    /// <summary>Creates the options from the environment.</summary>
    /// <exception cref="ArgumentException">An environment variable holds what it cannot.</exception>
    public HubOptions()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    internal HubOptions(Func<string, string?> environment)
    {
        string? Variable(string name) => environment(name)?.Trim() is { Length: > 0 } value ? value : null;

        string home = ExpandHome(Variable("HF_HOME")
            ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? "~/.cache", "huggingface"));
        CacheFolder = ExpandHome(Variable("HF_HUB_CACHE") ?? Variable("HUGGINGFACE_HUB_CACHE")
            ?? Path.Combine(home, "hub"));
        string endpoint = Variable("HF_ENDPOINT") ?? "https://huggingface.co";
        Endpoint = Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) ? uri
            : throw new ArgumentException($"HF_ENDPOINT: expected an absolute http(s) address, got '{endpoint}'.");
        IsOffline = IsTrue(Variable("HF_HUB_OFFLINE"));
        if (!IsTrue(Variable("HF_HUB_DISABLE_IMPLICIT_TOKEN")))
        {
            Token = Variable("HF_TOKEN") ?? Variable("HUGGING_FACE_HUB_TOKEN")
                ?? ReadToken(ExpandHome(Variable("HF_TOKEN_PATH") ?? Path.Combine(home, "token")));
        }
    }

    /// <summary>
    /// The Hub's address, <c>https://huggingface.co</c> by default; a mirror speaks the same protocol.
    /// </summary>
    public Uri Endpoint
    {
        get;
        init => field = value is
        {
            IsAbsoluteUri: true, Scheme: "https" or "http", Query: "", Fragment: "",
            UserInfo: ""
        }
            ? value
            : throw new ArgumentException(
                $"{nameof(Endpoint)}: expected an absolute http(s) address without user, query and fragment, got " +
                $"'{value}'.");
    }

    /// <summary>
    /// The cache folder, that holds one folder per model; by default <c>~/.cache/huggingface/hub</c>.
    /// </summary>
    public string CacheFolder
    {
        get;
        init => field = string.IsNullOrWhiteSpace(value)
            ? throw new ArgumentException($"{nameof(CacheFolder)}: expected a folder, got '{value}'.")
            : Path.GetFullPath(value);
    }

    /// <summary>
    /// The access token, for models that need one; sent to <see cref="Endpoint"/> and to no other host.
    /// </summary>
    public string? Token
    {
        get;
        init => field = value is null || (value.Length > 0 && value.All(c => c is > ' ' and <= '~'))
            ? value
            : throw new ArgumentException(
                $"{nameof(Token)}: expected visible ASCII characters, got {value.Length} characters of which some " +
                $"are not (not shown).");
    }

    /// <summary>Whether only what is in the cache may be used.</summary>
    public bool IsOffline { get; init; }

    /// <summary>
    /// Whether a download stays in the cache (default). Else disposing the <see cref="HubSnapshot"/> deletes what its
    /// download added.
    /// </summary>
    public bool KeepDownload { get; init; } = true;

    /// <summary>
    /// How often a request is repeated that failed on the way or was answered by 429 or 5xx; 5 by default. A download
    /// that makes progress counts anew.
    /// </summary>
    public int MaxRetries
    {
        get;
        init => field = value is >= 0 and <= 100 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"{nameof(MaxRetries)}: expected 0 to 100, got {value}.");
    } = 5;

    /// <summary>
    /// The wait before the first repetition, doubled before each further one and spread at random by half; 1 s by
    /// default. A server's <c>Retry-After</c> is kept.
    /// </summary>
    public TimeSpan RetryDelay
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromMinutes(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value,
                $"{nameof(RetryDelay)}: expected above 0 and at most 1 minute, got {value}.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may send nothing; 30 s by default.</summary>
    public TimeSpan ResponseTimeout
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value,
                $"{nameof(ResponseTimeout)}: expected above 0 and at most 1 hour, got {value}.");
    } = TimeSpan.FromSeconds(30);

    private static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private static string ExpandHome(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
            || path.StartsWith("~\\", StringComparison.Ordinal)
            ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..])
            : path;

    private static string? ReadToken(string path) =>
        File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
}
