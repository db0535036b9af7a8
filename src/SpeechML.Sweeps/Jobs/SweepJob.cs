using System.Text.RegularExpressions;

namespace SpeechML;

/// <summary>
/// A container that takes part in a sweep, and how many of it on what machines; see <see cref="SweepJobs"/>.
/// </summary>
public sealed partial record SweepJob
{
    /// <summary>
    /// Name of the job: lower-case letters, digits and hyphens, at most 52 characters (Kubernetes appends an index and
    /// five more to the names of its pods).
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The container's image: <c>europe-west4-docker.pkg.dev/project/repository/sweep:1</c>.</summary>
    public required string Image { get; init; }

    /// <summary>What the container runs; empty for its image's entry point.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>
    /// The command's arguments. Behind them come <see cref="StudyArgument"/> and the study's address.
    /// </summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Name of the argument that tells the container the study's address.</summary>
    public string StudyArgument { get; init; } = "--study";

    /// <summary>Environment variables of the container.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How many containers run at a time, each on a machine of its own on Vertex AI.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Type of the machines on Vertex AI.</summary>
    public string MachineType { get; init; } = "n1-standard-8";

    /// <summary>
    /// Type of the accelerators on Vertex AI (<c>NVIDIA_TESLA_T4</c>, <c>NVIDIA_L4</c>, ...); needed there if there are
    /// <see cref="Accelerators"/>.
    /// </summary>
    public string? AcceleratorType { get; init; }

    /// <summary>Accelerators per container; on Kubernetes so many of <c>nvidia.com/gpu</c>.</summary>
    public int Accelerators { get; init; }

    /// <summary>Size of the boot disk on Vertex AI (GB).</summary>
    public int DiskSize { get; init; } = 100;

    /// <summary>Processor time that a container is given on Kubernetes: <c>4</c>, <c>500m</c>.</summary>
    public string Cpu { get; init; } = "4";

    /// <summary>Memory that a container is given on Kubernetes: <c>16Gi</c>.</summary>
    public string Memory { get; init; } = "16Gi";

    /// <summary>Labels of the nodes that containers run on, on Kubernetes.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Account that the containers run as, which must be allowed to read and write the bucket: an address on Vertex AI,
    /// a name on Kubernetes. <see langword="null"/> for the default one.
    /// </summary>
    public string? ServiceAccount { get; init; }

    /// <summary>
    /// Whether the machines on Vertex AI are cheaper ones that may be taken away: a trial then goes on elsewhere.
    /// </summary>
    public bool Spot { get; init; }

    /// <summary>Time after which the job is ended; the study can be gone on with by another.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromDays(7);

    internal void Validate()
    {
        Check(NamePattern().IsMatch(Name), nameof(Name),
            "lower-case letters, digits and hyphens, at most 52, a letter first and no hyphen last", Name);
        Check(Image.Length > 0, nameof(Image), "an image", "none");
        Check(StudyArgument.Length > 0, nameof(StudyArgument), "the name of an argument", "none");
        Check(Workers > 0, nameof(Workers), "at least 1", Workers);
        Check(Accelerators >= 0, nameof(Accelerators), "0 or more", Accelerators);
        Check(DiskSize >= 100, nameof(DiskSize), "at least 100 GB", DiskSize);
        Check(Timeout >= TimeSpan.FromMinutes(1), nameof(Timeout), "at least a minute", Timeout);
    }

    internal static void Check(bool holds, string name, string expected, object? got)
    {
        if (!holds)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Sweep job, {name}: expected {expected}, got {got}."));
        }
    }

    [GeneratedRegex("^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$")]
    private static partial Regex NamePattern();
}
