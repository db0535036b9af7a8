using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Model.HuggingFace;

/// <summary>The sizes of a head that gives a speaker's embedding (Snyder et al. 2018).</summary>
/// <param name="Channels">Channels that each layer over time gives.</param>
/// <param name="Kernels">Frames that each layer sees.</param>
/// <param name="Dilations">Frames from one of these to the next.</param>
/// <param name="Size">Size of the embedding.</param>
/// <param name="Speakers">Speakers that it was trained on, whose weights a checkpoint may hold; 0 for none.</param>
internal sealed record XVectorShape(int[] Channels, int[] Kernels, int[] Dilations, int Size, int Speakers)
{
    // An hour; a real one sees 15 frames.
    private const long MaxReach = 180_000;

    /// <summary>Frames that the layers take away.</summary>
    public int Reach => Kernels.Zip(Dilations, (k, d) => (k - 1) * d).Sum();

    /// <summary>Reads the sizes of a <c>config.json</c>, whose defaults are transformers'.</summary>
    /// <exception cref="CheckpointException">They contradict each other.</exception>
    public static XVectorShape Parse(JsonFieldReader config, int speakers)
    {
        int[] Read(string name, int[] absent) => config.Has(name) ? config.PositiveInts(name) : absent;
        var shape = new XVectorShape(
            Read("tdnn_dim", [512, 512, 512, 512, 1500]), Read("tdnn_kernel", [5, 3, 3, 1, 1]),
            Read("tdnn_dilation", [1, 2, 3, 1, 1]), config.PositiveInt("xvector_output_dim", 512), speakers);
        return shape.Fault() is { } fault ? throw config.Wrong(fault.Field, fault.Expected, fault.Got) : shape;
    }

    /// <summary>Inputs of a layer over time, of one frame.</summary>
    public int InputsOf(int layer) => Channels[Math.Max(0, layer - 1)];

    /// <summary>What cannot be; <see langword="null"/> for nothing.</summary>
    public (string Field, string Expected, string Got)? Fault()
    {
        if (Channels.Length == 0 || Kernels.Length != Channels.Length || Dilations.Length != Channels.Length)
        {
            return ("tdnn_kernel", $"as many numbers in 'tdnn_kernel' and 'tdnn_dilation' as in 'tdnn_dim' " +
                $"({Channels.Length}, at least 1)", $"{Kernels.Length} and {Dilations.Length}");
        }
        if (Channels.Concat(Kernels).Concat(Dilations).Append(Size).Any(n => n < 1) || Speakers < 0)
        {
            return ("tdnn_dim", "positive whole numbers", "others");
        }
        long reach = Kernels.Zip(Dilations, (k, d) => (long)(k - 1) * d).Aggregate(0L, (a, b) =>
            a > MaxReach || b > MaxReach ? MaxReach + 1 : a + b);
        return reach > MaxReach
            ? ("tdnn_dilation", $"layers that see at most {MaxReach} frames", "more")
            : Enumerable.Range(0, Channels.Length).Any(k => (long)InputsOf(k) * Kernels[k] > int.MaxValue)
            || (long)Channels[^1] * 2 > int.MaxValue
                ? ("tdnn_dim", "fewer than 2^31 inputs of a layer", "more") : null;
    }
}
