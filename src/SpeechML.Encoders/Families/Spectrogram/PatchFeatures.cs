using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Features;

namespace SpeechML.Encoders.Families.Spectrogram;

/// <summary>
/// The Audio Spectrogram Transformer's input (Hugging Face's <c>ASTFeatureExtractor</c>): Kaldi's log-mel frames, cut
/// or filled with zeros to a length, brought to <c>(x - mean) / (2 · std)</c>.
/// </summary>
internal sealed class PatchFeatures
{
    // Those of AudioSet, in the library's own digits.
    public const double DefaultMean = -4.2677393;
    public const double DefaultDeviation = 4.5689974;

    // Samples as they are, and a plain Hann window.
    public const double SampleScale = 1;
    public const double WindowPower = 1;

    private const double Largest = 1e6;
    private const double SmallestDeviation = 1e-6;

    private readonly int _frames;
    private readonly Lazy<KaldiSpectrogram> _spectrogram;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="settings">The feature extractor's.</param>
    public PatchFeatures(PatchConfig config, FeatureExtractorSettings settings)
    {
        _frames = config.Frames;
        (double mean, double deviation) = Read(settings);
        (Mean, Scale) = settings.Normalize ? (mean, 1 / (2 * deviation)) : (0, 1);
        _spectrogram = new Lazy<KaldiSpectrogram>(() => new KaldiSpectrogram(config.Mels, SampleScale, WindowPower));
    }

    /// <summary>What is subtracted from log-mel values.</summary>
    public double Mean { get; }

    /// <summary>What the rest is multiplied with.</summary>
    public double Scale { get; }

    /// <summary>Mean and standard deviation of the log-mel values.</summary>
    /// <exception cref="CheckpointException">One is no number, or out of its range.</exception>
    public static (double Mean, double Deviation) Read(FeatureExtractorSettings settings)
    {
        if (settings.Source is not { } source)
        {
            return (DefaultMean, DefaultDeviation);
        }
        var reader = new JsonFieldReader(source, CheckpointFolder.PreprocessorFile);
        return (reader.Number("mean", DefaultMean, -Largest, Largest),
            reader.Number("std", DefaultDeviation, SmallestDeviation, Largest));
    }

    /// <summary>Computes a clip's input, (mels, frames).</summary>
    /// <param name="samples">Samples in [-1, 1].</param>
    /// <param name="frames">Frames of the clip that are seen.</param>
    /// <param name="output">Receives it.</param>
    public void Compute(ReadOnlySpan<float> samples, int frames, Span<float> output)
    {
        KaldiSpectrogram spectrogram = _spectrogram.Value;
        double[] values = spectrogram.Compute(samples, frames);
        // Python pads before it normalises.
        output.Fill((float)((0 - Mean) * Scale));
        for (int frame = 0; frame < frames; frame++)
        {
            for (int mel = 0; mel < spectrogram.Mels; mel++)
            {
                output[(mel * _frames) + frame] =
                    (float)((values[(frame * spectrogram.Mels) + mel] - Mean) * Scale);
            }
        }
    }
}
