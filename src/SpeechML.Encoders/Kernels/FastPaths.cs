namespace SpeechML.Encoders.Kernels;

/// <summary>
/// Switches of the arithmetic that is not torch's own, to compare with it. The results agree to rounding, dropout in
/// distribution.
/// </summary>
internal static class FastPaths
{
    /// <summary>
    /// Environment variable: names of fast paths to leave out, separated by commas
    /// (<c>dropout,positions,products,packing,convolutions,attention,mapping</c>).
    /// </summary>
    public const string Variable = "SPEECHML_PLAIN";

    /// <summary>Dropout masks of our own (<see cref="DropoutMask"/>).</summary>
    public static bool Dropout { get; set; } = IsOn("dropout");

    /// <summary>The positional convolution through its kernel's spectrum (<see cref="KernelSpectrum"/>).</summary>
    public static bool PositionalConvolution { get; set; } = IsOn("positions");

    /// <summary>Matrix products by oneDNN (<see cref="MatrixProducts"/>).</summary>
    public static bool Products { get; set; } = IsOn("products");

    /// <summary>Weights in oneDNN's order in the place of plain ones (<see cref="PackedWeight"/>).</summary>
    public static bool Packing { get; set; } = IsOn("packing");

    /// <summary>Convolutions without gradient, frame by frame in memory (<see cref="FrameConvolution"/>).</summary>
    public static bool Convolutions { get; set; } = IsOn("convolutions");

    /// <summary>Attention without gradient in one pass (<see cref="AttentionKernel"/>).</summary>
    public static bool Attention { get; set; } = IsOn("attention");

    /// <summary>Weights where they lie in their file (<see cref="Checkpoints.Mapping.MappedFile"/>).</summary>
    public static bool Mapping { get; set; } = IsOn("mapping");

    /// <summary>Those in use, for keys of what was computed by them.</summary>
    public static string Names =>
        $"{(PositionalConvolution ? "positions " : "")}" +
        $"{(Products && OneDnn.IsAvailable ? "products " : "")}" +
        $"{(Products && Packing && OneDnn.CanPack ? "packing " : "")}" +
        $"{(Convolutions && OneDnn.CanConvolve ? "convolutions " : "")}" +
        $"{(Attention && ProductTile.IsFast ? "attention" : "")}";

    private static bool IsOn(string name) =>
        !(Environment.GetEnvironmentVariable(Variable) ?? "").Split(',', StringSplitOptions.TrimEntries)
            .Contains(name, StringComparer.OrdinalIgnoreCase);
}
