using SpeechML.Benchmarks.Workers;

namespace SpeechML.Benchmarks.Peers;

/// <summary>A row of the table: one piece of work that is done by every side.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="What">What it is called in the table.</param>
/// <param name="Sides">How each side is made; <c>ours</c> first, then the peers.</param>
/// <param name="Targets">The ratio that is aimed at, for each peer.</param>
/// <param name="Tolerance">Greatest difference of the outputs, over their greatest value.</param>
internal sealed record PeerCase(
    string Name, string What, IReadOnlyDictionary<string, Func<IWork>> Sides,
    IReadOnlyDictionary<string, double> Targets, double Tolerance)
{
    public const string Ours = "ours";
    public const string HuggingFace = "HF graph";
    public const string Autocast = "HF graph, bfloat16 autocast";
    public const string Onnx = "ONNX Runtime";
    public const string Single = "ours, each clip by itself";
    public const string Base = "ours, base, by multiplications";
    public const string Encoder = "our encoder alone";
    public const string Disk = "the same files on the disk";
    public const string Kept = "ours, activations kept";

    /// <summary>Ours on TorchSharp, beside ours on ONNX Runtime.</summary>
    public const string TorchSharp = "ours on TorchSharp";

    /// <summary>
    /// How many times the peer's timed part stands for in the table: what repeats itself exactly is run once.
    /// </summary>
    public double PeerFactor { get; init; } = 1;

    /// <summary>What is done once before, whose memory counts for no side.</summary>
    public Action? Prepare { get; init; }

    /// <summary>Whether a side is another library's.</summary>
    public static bool IsForeign(string side) => side is HuggingFace or Autocast or Onnx;

    /// <summary>Whether a side takes files of the peers' folder.</summary>
    public bool NeedsPeers { get; init; } = true;

    /// <summary>What a reader must know about the measurement.</summary>
    public string Note { get; init; } = "";
}
