using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Layers;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>What a conformer layer needs to know beside the transformer's facts.</summary>
/// <param name="Kernel">Taps of the depthwise convolution; odd.</param>
/// <param name="Activation">The function in feed-forward and convolution.</param>
/// <param name="ConvolutionDropout">Probability of dropping a value after the convolution in training.</param>
/// <param name="Epsilon">That of the layer's norms.</param>
internal sealed record ConformerSizes(int Kernel, Activation Activation, double ConvolutionDropout, double Epsilon)
{
    /// <summary>Names of a layer's linear maps, attention first.</summary>
    public static IReadOnlyList<string> Linears { get; } =
        ["linear_q", "linear_k", "linear_v", "linear_out", "intermediate_dense", "output_dense"];

    /// <summary>Those of the published encoders.</summary>
    public static ConformerSizes Published { get; } = new(31, Activation.Silu, 0.1, WaveformConfig.FixedEpsilon);

    /// <summary>Reads a <c>config.json</c>.</summary>
    /// <param name="reader">Its content.</param>
    /// <param name="activation">The activation where the field is absent.</param>
    /// <param name="epsilon">That of the layer's norms.</param>
    public static ConformerSizes Parse(JsonFieldReader reader, string activation, double epsilon)
    {
        int kernel = reader.PositiveInt("conv_depthwise_kernel_size", 31);
        return kernel % 2 == 0
            ? throw reader.Wrong("conv_depthwise_kernel_size", "an odd number", $"{kernel}")
            : new(kernel, Activation.Parse(reader, "hidden_act", activation),
                reader.Probability("conformer_conv_dropout", 0.1), epsilon);
    }
}
