using System.Runtime.CompilerServices;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Where pretrained models come from and where they are kept. The defaults are those of Python's huggingface_hub, from
/// the same environment variables, so
/// that both share one cache: <c>HF_HOME</c>, <c>HF_HUB_CACHE</c> (or <c>HUGGINGFACE_HUB_CACHE</c>),
/// <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c> (or
/// <c>HF_TOKEN_PATH</c>, the file <c>token</c> in <c>HF_HOME</c>), <c>HF_HUB_OFFLINE</c>,
/// <c>HF_HUB_DISABLE_IMPLICIT_TOKEN</c>.
/// </summary>
[DoesNotAffectResult]
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
    /// The Hub's address; a mirror speaks the same protocol. The default is what <c>HF_ENDPOINT</c> names, else
    /// <c>https://huggingface.co</c>.
    /// </summary>
    [InCodeOnly("an absolute http(s) address")]
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
                $"Option {nameof(Endpoint)}: expected an absolute http(s) address without user, query and fragment, " +
                $"got '{value}'.");
    }

    /// <summary>
    /// The cache folder, that holds one folder per model. The default is what the variables name, else
    /// <c>~/.cache/huggingface/hub</c>.
    /// </summary>
    [IsText("a folder")]
    public string CacheFolder
    {
        get;
        init => field = Path.GetFullPath(Checked(value));
    }

    /// <summary>
    /// The access token, for models that need one; sent to <see cref="Endpoint"/> and to no other host. The default is
    /// the one that the variables name; <see langword="null"/> for none.
    /// </summary>
    [IsText("visible ASCII characters, or null")]
    public string? Token
    {
        get;
        init => field = value is null || (value.Length > 0 && value.All(c => c is > ' ' and <= '~'))
            ? value
            : throw new ArgumentException(
                $"Option {nameof(Token)}: expected visible ASCII characters, got {value.Length} characters of which " +
                $"some are not (not shown).");
    }

    /// <summary>
    /// Whether only what is in the cache may be used. The default is what <c>HF_HUB_OFFLINE</c> says, else <see
    /// langword="false"/>.
    /// </summary>
    public bool IsOffline { get; init; }

    /// <summary>
    /// Whether a download stays in the cache; else disposing the <see cref="HubSnapshot"/> deletes what its download
    /// added. The default is <see langword="true"/>.
    /// </summary>
    public bool KeepDownload { get; init; } = true;

    /// <summary>
    /// How often a request is repeated that failed on the way or was answered by 429 or 5xx. A download that makes
    /// progress counts anew. The default is 5.
    /// </summary>
    [InRange("0 to 100", Min = 0, Max = 100)]
    public int MaxRetries
    {
        get;
        init => field = Checked(value);
    } = 5;

    /// <summary>
    /// The wait before the first repetition, doubled before each further one and spread at random by half; a server's
    /// <c>Retry-After</c> is kept. The default is 1 s.
    /// </summary>
    [InRange("above 0 s, at most 60 s", Above = 0, Max = 60)]
    public TimeSpan RetryDelay
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may send nothing. The default is 30 s.</summary>
    [InRange("above 0 s, at most 3600 s", Above = 0, Max = 3600)]
    public TimeSpan ResponseTimeout
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(30);

    private static T Checked<T>(T value, [CallerMemberName] string option = "")
    {
        OptionModel.Of(typeof(HubOptions)).Find(option)!.Option.Check(value, option);
        return value;
    }

    private static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private static string ExpandHome(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
            || path.StartsWith("~\\", StringComparison.Ordinal)
            ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..])
            : path;

    private static string? ReadToken(string path) =>
        File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
}
