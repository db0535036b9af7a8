namespace SpeechML;

/// <summary>How the silos of a cluster know each other.</summary>
public enum SpeechClustering
{
    /// <summary>
    /// One silo, on this machine; nothing else is needed. If it dies, start it again: the study is where it was.
    /// </summary>
    Localhost,

    /// <summary>Any number of silos on any machines, which meet in Redis.</summary>
    Redis,

    /// <summary>
    /// Any number of silos on any machines, which meet in a database: SQL Server, PostgreSQL, MySQL or Oracle, with
    /// Orleans' tables and the driver's package referenced.
    /// </summary>
    AdoNet,
}

/// <summary>
/// The cluster in which a study's grain lives. Silos, workers and clients of one cluster are given the same.
/// </summary>
public sealed record SpeechClusterOptions
{
    /// <summary>How silos know each other.</summary>
    public SpeechClustering Clustering { get; set; }

    /// <summary>Of the Redis server or the database.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The ADO.NET driver: <c>Npgsql</c>, <c>Microsoft.Data.SqlClient</c>, ...</summary>
    public string AdoNetInvariant { get; set; } = "";

    /// <summary>Name of the cluster; silos of other names do not see each other.</summary>
    public string ClusterId { get; set; } = "speechml";

    /// <summary>Name of the service.</summary>
    public string ServiceId { get; set; } = "speechml";

    /// <summary>Port at which silos talk to each other.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port at which workers and clients talk to a silo.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>
    /// How long workers and clients wait for a cluster that cannot be reached (its silo is being started again, say)
    /// before they give up.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromMinutes(5);

    internal void Validate()
    {
        Check(Enum.IsDefined(Clustering), nameof(Clustering), "a known value", Clustering);
        Check(Clustering == SpeechClustering.Localhost || ConnectionString.Length > 0, nameof(ConnectionString),
            $"one, because {nameof(Clustering)} is {Clustering}", "none");
        Check(Clustering != SpeechClustering.AdoNet || AdoNetInvariant.Length > 0, nameof(AdoNetInvariant),
            $"the name of a driver, because {nameof(Clustering)} is {Clustering}", "none");
        Check(ClusterId.Length > 0, nameof(ClusterId), "a name", "none");
        Check(ServiceId.Length > 0, nameof(ServiceId), "a name", "none");
        Check(SiloPort is > 0 and <= ushort.MaxValue, nameof(SiloPort), "a port", SiloPort);
        Check(GatewayPort is > 0 and <= ushort.MaxValue && GatewayPort != SiloPort, nameof(GatewayPort),
            "a port other than the silo's", GatewayPort);
        Check(RetryFor >= TimeSpan.Zero, nameof(RetryFor), "0 or more", RetryFor);
    }

    private static void Check(bool holds, string name, string expected, object? got)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"Option {name}: expected {expected}, got {got}."));
        }
    }
}
