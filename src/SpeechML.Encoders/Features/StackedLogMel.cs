namespace SpeechML.Encoders.Features;

/// <summary>
/// w2v-BERT's input (Hugging Face's <c>SeamlessM4TFeatureExtractor</c>): Kaldi's log-mel frames, each band brought to
/// zero mean and unit variance over the clip, neighbouring frames stacked.
/// </summary>
internal sealed class StackedLogMel
{
    public const double VarianceFloor = 1e-7;

    // Kaldi's samples are 16-bit integers, and its window is Povey's.
    public const double SampleScale = 32768;
    public const double WindowPower = 0.85;

    private readonly int _stacked;
    private readonly Lazy<KaldiSpectrogram> _frames;

    /// <param name="mels">Mel bands of a frame.</param>
    /// <param name="stacked">Frames that become one.</param>
    public StackedLogMel(int mels, int stacked)
    {
        _stacked = stacked;
        Size = mels * stacked;
        _frames = new Lazy<KaldiSpectrogram>(() => new KaldiSpectrogram(mels, SampleScale, WindowPower));
    }

    /// <summary>Values of a stacked frame.</summary>
    public int Size { get; }

    /// <summary>The log-mel frames of a clip, (frames, mels), before they are normalised.</summary>
    public double[] LogMel(ReadOnlySpan<float> samples) =>
        _frames.Value.Compute(samples, (int)KaldiSpectrogram.FramesOf(samples.Length));

    /// <summary>
    /// Computes a clip's stacked frames; a rest that does not fill one is left out, but counts for mean and variance.
    /// </summary>
    /// <param name="samples">Samples in [-1, 1].</param>
    /// <param name="output">Receives (<see cref="Size"/>, <paramref name="stride"/>) values; what is behind the clip's
    /// last frame is left as it is.</param>
    /// <param name="stride">Distance from one value of a frame to the next in <paramref name="output"/>.</param>
    public void Compute(ReadOnlySpan<float> samples, Span<float> output, int stride)
    {
        double[] frames = LogMel(samples);
        int mels = _frames.Value.Mels;
        int count = frames.Length / mels;
        for (int mel = 0; mel < mels; mel++)
        {
            (double mean, double scale) = Measure(frames, mel, mels, count);
            for (int frame = 0; frame < count / _stacked * _stacked; frame++)
            {
                output[((((frame % _stacked) * mels) + mel) * stride) + (frame / _stacked)] =
                    (float)((frames[(frame * mels) + mel] - mean) * scale);
            }
        }
    }

    private static (double Mean, double Scale) Measure(double[] frames, int mel, int mels, int count)
    {
        // Around the first value, so that a band that never changes has no deviation at all.
        double first = frames[mel], sum = 0, squares = 0;
        for (int i = mel; i < frames.Length; i += mels)
        {
            sum += frames[i] - first;
        }
        double mean = first + (sum / count);
        for (int i = mel; i < frames.Length; i += mels)
        {
            squares += (frames[i] - mean) * (frames[i] - mean);
        }
        return (mean, 1 / Math.Sqrt((squares / (count - 1)) + VarianceFloor));
    }
}
