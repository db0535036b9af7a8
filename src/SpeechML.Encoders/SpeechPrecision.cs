namespace SpeechML;

/// <summary>
/// The arithmetic of an encoder's convolutions, linear maps and attention. Norms, softmax, features, positions,
/// pooling, head, loss and optimizer are float32 in each, and so are the weights that are trained and saved.
/// </summary>
public enum SpeechPrecision
{
#pragma warning disable CA1720 // The types of the values are what is chosen.
    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>
    /// 16 bits with the range of single precision, two to three decimal digits. Quicker than float32 on CPUs with
    /// AVX512-BF16 or AMX, slower on others.
    /// </summary>
    BFloat16,

    /// <summary>
    /// Half precision: three decimal digits, numbers up to 65504. For GPUs; training scales the loss and leaves out
    /// steps whose gradient is no finite number.
    /// </summary>
    Float16,
#pragma warning restore CA1720

    /// <summary>
    /// <see cref="BFloat16"/> in scoring and in frozen layers on CPUs with AVX512-BF16 or AMX, for encoders of 512
    /// dimensions and more (measured for HuBERT base on AVX512-BF16); <see cref="Float32"/> elsewhere and in what
    /// trains.
    /// </summary>
    Auto,
}
