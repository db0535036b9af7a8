using System.Buffers;
using System.Numerics;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// Whisper's input (OpenAI whisper <c>audio.py</c>, MIT; Hugging Face's <c>WhisperFeatureExtractor</c>): power spectrum
/// of a periodic Hann window of
/// 400 samples every 160, centred with reflected edges, Slaney mel filters, <c>log10(max(x, 1e-10))</c>, a floor at the
/// clip's maximum - 8,
/// <c>(x + 4) / 4</c>. A clip is padded with silence (or cut) to a fixed length; frames that see only silence are
/// filled in, not computed.
/// </summary>
public sealed class LogMelSpectrogram
{
    /// <summary>Samples from one frame to the next.</summary>
    public const int Hop = 160;

    /// <summary>Samples that a frame is computed from.</summary>
    internal const int WindowLength = 400;

    private const int Bins = WindowLength / 2 + 1;
    internal const double PowerFloor = 1e-10;
    internal const double DynamicRange = 8;

    private static readonly double[] s_window =
        [.. Enumerable.Range(0, WindowLength).Select(i => 0.5 - 0.5 * Math.Cos(2 * Math.PI * i / WindowLength))];

    /// <summary>The window, of <see cref="WindowLength"/> values.</summary>
    internal static double[] HannWindow => [.. s_window];

    // The filters as runs of non-zero weights: band -> first bin, weights.
    private readonly (int First, double[] Weights)[] _bands;
    private readonly int _maxFrames;

    /// <param name="mels">Mel bands: 80, or 128 for large-v3.</param>
    /// <param name="sampleRate">Sample rate in Hz.</param>
    /// <param name="maxFrames">Frames of the longest clip: 3000 for 30 s.</param>
    public LogMelSpectrogram(int mels, int sampleRate, int maxFrames)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxFrames);
        Mels = mels;
        _maxFrames = maxFrames;
        _bands = MelFilterBank.Bands(MelFilterBank.Slaney(Bins, mels, sampleRate));
    }

    /// <summary>Mel bands.</summary>
    public int Mels { get; }

    /// <summary>
    /// Frames that hold some of a clip's samples: <c>ceil(samples / 160)</c>, at most the longest clip's.
    /// </summary>
    public long SpeechFrames(long samples) => Math.Min((samples + Hop - 1) / Hop, _maxFrames);

    /// <summary>Computes a clip's spectrogram as if followed by silence up to the longest clip's length.</summary>
    /// <param name="samples">Samples in [-1, 1]; those beyond the longest clip are ignored.</param>
    /// <param name="frames">Frames wanted; the first so many of the longest clip's.</param>
    /// <param name="output">Receives (mels, stride) values; frames from <paramref name="frames"/> on are left as they
    /// are.</param>
    /// <param name="stride">Distance from one mel band to the next in <paramref name="output"/>.</param>
    public void Compute(ReadOnlySpan<float> samples, int frames, Span<float> output, int stride)
    {
        if (frames < 0 || frames > Math.Min(stride, _maxFrames) || output.Length < (Mels - 1) * stride + frames)
        {
            throw new ArgumentException(
                $"Log-mel output: expected room for {Mels} x {frames} values (at most {_maxFrames} frames) at stride " +
                $"{stride}, got {output.Length}.", nameof(output));
        }
        samples = samples[..Math.Min(samples.Length, _maxFrames * Hop)];
        // The last frame that reaches a sample starts half a window before its centre. All of them count for the
        // maximum.
        int audible = Math.Min((samples.Length + WindowLength / 2 + Hop - 1) / Hop, _maxFrames);
        double[] spectrogram = ArrayPool<double>.Shared.Rent(Mels * audible);
        Fill(samples, audible, spectrogram.AsSpan(0, Mels * audible), frames, output, stride);
        ArrayPool<double>.Shared.Return(spectrogram);
    }

    private void Fill(
        ReadOnlySpan<float> samples, int audible, Span<double> spectrogram, int frames, Span<float> output, int stride)
    {
        Logarithms(samples, audible, spectrogram);
        double maximum = Math.Log10(PowerFloor);
        foreach (double value in spectrogram)
        {
            maximum = Math.Max(maximum, value);
        }
        double floor = maximum - DynamicRange;
        float fill = (float)((Math.Max(Math.Log10(PowerFloor), floor) + 4) / 4);
        int computed = Math.Min(audible, frames);
        for (int mel = 0; mel < Mels; mel++)
        {
            Span<float> row = output.Slice(mel * stride, frames);
            for (int frame = 0; frame < computed; frame++)
            {
                row[frame] = (float)((Math.Max(spectrogram[mel * audible + frame], floor) + 4) / 4);
            }
            row[computed..].Fill(fill);
        }
    }

    private void Logarithms(ReadOnlySpan<float> samples, int frames, Span<double> spectrogram)
    {
        int lanes = FourierTransform.Lanes;
        var transform = new FourierTransform(WindowLength);
        var windowed = new Vector<double>[WindowLength];
        var power = new Vector<double>[Bins];
        Span<double> values = stackalloc double[lanes];
        for (int first = 0; first < frames; first += lanes)
        {
            for (int i = 0; i < WindowLength; i++)
            {
                for (int lane = 0; lane < lanes; lane++)
                {
                    values[lane] = Sample(samples, (first + lane) * Hop + i - WindowLength / 2);
                }
                windowed[i] = new Vector<double>(values) * s_window[i];
            }
            transform.Power(windowed, power);
            int used = Math.Min(lanes, frames - first);
            for (int mel = 0; mel < Mels; mel++)
            {
                (int bin, double[] weights) = _bands[mel];
                Vector<double> energy = Vector<double>.Zero;
                for (int i = 0; i < weights.Length; i++)
                {
                    energy += power[bin + i] * weights[i];
                }
                for (int lane = 0; lane < used; lane++)
                {
                    spectrogram[mel * frames + first + lane] = Math.Log10(Math.Max(energy[lane], PowerFloor));
                }
            }
        }
    }

    /// <summary>
    /// A sample of the padded clip, its edges reflected; silence between the clip's end and the longest clip's.
    /// </summary>
    private double Sample(ReadOnlySpan<float> samples, int position)
    {
        int total = _maxFrames * Hop;
        position = position < 0 ? -position : position;
        position = position >= total ? 2 * (total - 1) - position : position;
        return (uint)position < (uint)samples.Length ? samples[position] : 0;
    }
}
