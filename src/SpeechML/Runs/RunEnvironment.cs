using System.Runtime.InteropServices;

namespace SpeechML;

/// <summary>What a run ran on: <c>environment.json</c>.</summary>
public sealed record RunEnvironment
{
    /// <summary>Versions of SpeechML, .NET and the packages below it, by name.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    /// <summary>The operating system.</summary>
    public string OperatingSystem { get; init; } = "";

    /// <summary>Of the process, such as <c>X64</c>.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Processors that the process may use.</summary>
    public int Processors { get; init; }

    /// <summary>What it computes on, such as <c>cpu</c>.</summary>
    public string Device { get; init; } = "";

    /// <summary><see cref="SpeechTrainingOptions.Seed"/>, from which every random stream follows.</summary>
    public int Seed { get; init; }

    /// <summary>When the run folder was made, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>When the model was saved, UTC; <see langword="null"/> where it was not.</summary>
    public DateTime? Finished { get; init; }

    /// <summary>The data, by part.</summary>
    public IReadOnlyDictionary<string, RunData> Data { get; init; } = new Dictionary<string, RunData>();

    internal static RunEnvironment Here(string device, int seed, IReadOnlyDictionary<string, string> versions) => new()
    {
        Versions = versions,
        OperatingSystem = RuntimeInformation.OSDescription,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
        Processors = Environment.ProcessorCount,
        Device = device,
        Seed = seed,
        Started = DateTime.UtcNow,
    };
}

/// <summary>One part of a run's data.</summary>
/// <param name="Rows">Clips.</param>
/// <param name="Subjects">Different subjects; 0 where unknown.</param>
/// <param name="Sha256">Over names, subjects and labels, in order.</param>
public sealed record RunData(int Rows, int Subjects, string Sha256);
