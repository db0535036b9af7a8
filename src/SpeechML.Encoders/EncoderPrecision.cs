using System.Runtime.Intrinsics.X86;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders;

/// <summary>Which arithmetic an encoder's products have, and where 16 bits pay.</summary>
internal static class EncoderPrecision
{
    // Below, what surrounds the products takes most of the time.
    private const int SmallestForAuto = 512;

    /// <summary>Whether this processor multiplies bfloat16 by instructions of its own that oneDNN may use.</summary>
    public static bool HasBFloat16 { get; } = FindBFloat16();

    /// <summary>The type of products; <see langword="null"/> for float32.</summary>
    /// <param name="precision">What is asked for.</param>
    /// <param name="device">Where the encoder is.</param>
    /// <param name="hiddenSize">Its dimensions.</param>
    public static ScalarType? TypeOf(SpeechPrecision precision, Device device, int hiddenSize) => precision switch
    {
        SpeechPrecision.BFloat16 => ScalarType.BFloat16,
        SpeechPrecision.Float16 => ScalarType.Float16,
        SpeechPrecision.Auto when device.type == DeviceType.CPU && HasBFloat16 && hiddenSize >= SmallestForAuto =>
            ScalarType.BFloat16,
        _ => null,
    };

    /// <summary>
    /// What to say of a precision that is slower than float32 here; <see langword="null"/> where it is not.
    /// </summary>
    public static string? Slowness(SpeechPrecision precision, Device device) =>
        device.type != DeviceType.CPU ? null : precision switch
        {
            SpeechPrecision.BFloat16 when !HasBFloat16 =>
                "Precision BFloat16 is slower than Float32 on this processor, which has neither AVX512-BF16 nor AMX " +
                "(or oneDNN is told not to use them). Precision Auto takes BFloat16 only where it is faster.",
            SpeechPrecision.Float16 =>
                "Precision Float16 is meant for GPUs and slower than Float32 on a CPU. Precision Auto takes BFloat16 " +
                "where it is faster.",
            _ => null,
        };

    /// <summary>Sets the arithmetic of all products of an encoder. No call may be in flight.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="type">Gives the type of a product by its module's name; <see langword="null"/> for
    /// float32.</param>
    /// <param name="trains">Whether steps follow, so that what learns is rounded at each of them.</param>
    public static void Apply(SpeechEncoder encoder, Func<string, ScalarType?> type, bool trains)
    {
        foreach ((string name, nn.Module module) in encoder.named_modules())
        {
            if (module is ProductModule product)
            {
                product.Use(type(name), !trains);
            }
        }
    }

    /// <summary>
    /// Keeps the weights that learn in plain order until <see cref="Apply"/>: an optimizer holds their parameters.
    /// </summary>
    public static void KeepLearning(SpeechEncoder encoder)
    {
        foreach (ProductModule product in encoder.modules().OfType<ProductModule>())
        {
            if (product.WeightForm.requires_grad)
            {
                product.Packed?.Use(learns: true, product.Rounding is not null);
            }
        }
    }

    /// <summary>
    /// The arithmetic as it is, for keys of what was computed by it; empty for float32.
    /// </summary>
    public static string Describe(SpeechEncoder encoder)
    {
        (string Name, ScalarType? Type)[] products = [.. encoder.named_modules()
            .Where(m => m.module is ProductModule).Select(m => (m.name, ((ProductModule)m.module).Rounding))];
        ScalarType?[] types = [.. products.Select(p => p.Type).Distinct()];
        return types.Length switch
        {
            0 => "",
            1 => $"{types[0]}",
            _ => string.Join(' ', products.Where(p => p.Type is not null).Select(p => $"{p.Name}:{p.Type}")),
        };
    }

    private static bool FindBFloat16()
    {
        if (OneDnn.IsLimited || !X86Base.X64.IsSupported || !Avx512BW.VL.IsSupported || !Avx512DQ.IsSupported)
        {
            return false;
        }
        // Intel's Software Developer's Manual, CPUID: leaf 7, subleaf 1, EAX bit 5 is AVX512_BF16; subleaf 0, EDX bit
        // 22 is AMX-BF16.
        (int most, _, _, int tiles) = X86Base.CpuId(7, 0);
        int vectors = most >= 1 ? X86Base.CpuId(7, 1).Eax : 0;
        return (vectors & (1 << 5)) != 0 || (tiles & (1 << 22)) != 0;
    }
}
