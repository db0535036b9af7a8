using SpeechML.Audio.Options;

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
[DoesNotAffectResult]
public sealed record SpeechClusterOptions
{
    /// <summary>How silos know each other. The default is <see cref="SpeechClustering.Localhost"/>.</summary>
    public SpeechClustering Clustering { get; set; }

    /// <summary>Of the Redis server or the database. The default is empty: none.</summary>
    [ActiveWhen(nameof(Clustering), SpeechClustering.Redis, SpeechClustering.AdoNet)]
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// The ADO.NET driver: <c>Npgsql</c>, <c>Microsoft.Data.SqlClient</c>, ... The default is empty: none.
    /// </summary>
    [ActiveWhen(nameof(Clustering), SpeechClustering.AdoNet)]
    public string AdoNetInvariant { get; set; } = "";

    /// <summary>
    /// Name of the cluster; silos of other names do not see each other. The default is <c>speechml</c>.
    /// </summary>
    [IsText("a name")]
    public string ClusterId { get; set; } = "speechml";

    /// <summary>Name of the service. The default is <c>speechml</c>.</summary>
    [IsText("a name")]
    public string ServiceId { get; set; } = "speechml";

    /// <summary>Port at which silos talk to each other. The default is 11111.</summary>
    [InRange("a port from 1 to 65535", Min = 1, Max = 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>
    /// Port at which workers and clients talk to a silo, other than <see cref="SiloPort"/>. The default is 30000.
    /// </summary>
    [InRange("a port from 1 to 65535", Min = 1, Max = 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>
    /// How long workers and clients wait for a cluster that cannot be reached (its silo is being started again, say)
    /// before they give up. The default is 300 s.
    /// </summary>
    [InRange("0 s or more", Min = 0)]
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromMinutes(5);

    internal void Validate()
    {
        OptionModel.Of(typeof(SpeechClusterOptions)).Validate(this);
        OptionChecks.Check(Clustering == SpeechClustering.Localhost || ConnectionString.Length > 0,
            nameof(ConnectionString), $"one, because {nameof(Clustering)} is {Clustering}", ConnectionString);
        OptionChecks.Check(Clustering != SpeechClustering.AdoNet || AdoNetInvariant.Length > 0,
            nameof(AdoNetInvariant), $"the name of a driver, because {nameof(Clustering)} is {Clustering}",
            AdoNetInvariant);
        OptionChecks.Check(GatewayPort != SiloPort, nameof(GatewayPort), "a port other than the silo's", GatewayPort);
    }
}
