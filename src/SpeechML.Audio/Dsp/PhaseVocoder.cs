using System.Numerics;

namespace SpeechML.Audio.Dsp;

/// <summary>
/// Changes the tempo and keeps the pitch: short-time spectra are read at another pace, their magnitudes interpolated,
/// their phases advanced by what they
/// advance in the input (Flanagan and Golden 1966; Ellis 2002). Frames of 2048 every 512 samples, Hann, silence beyond
/// the ends; as <c>librosa.effects.time_stretch</c>.
/// </summary>
internal static class PhaseVocoder
{
    private const int Size = 2048;
    private const int Hop = Size / 4;

    /// <summary>Plays <paramref name="rate"/> times as fast.</summary>
    /// <returns>round(length / rate) samples, half to even.</returns>
    public static float[] Stretch(float[] samples, double rate)
    {
        int length = (int)Math.Round(samples.Length / rate);
        var transform = new RealTransform(Size);
        double[] window = [.. Enumerable.Range(0, Size).Select(i => 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Size)))];
        int frames = (samples.Length / Hop) + 1;
        double[] frame = new double[Size];
        double[] sums = new double[length + Size];
        double[] weights = new double[length + Size];
        Complex[] spectrum = new Complex[(Size / 2) + 1];
        Complex[] phase = new Complex[spectrum.Length];
        var pair = new FramePair(samples, window, transform);
        int steps = (int)Math.Ceiling(frames / rate);
        for (int step = 0; step < steps && (long)step * Hop < sums.Length; step++)
        {
            double place = step * rate;
            int left = (int)place;
            pair.MoveTo(left);
            double share = place - left;
            for (int k = 0; k < spectrum.Length; k++)
            {
                double first = pair.First[k].Magnitude, second = pair.Second[k].Magnitude;
                Complex start = first == 0 ? Complex.One : pair.First[k] / first,
                    end = second == 0 ? Complex.One : pair.Second[k] / second;
                if (step == 0)
                {
                    phase[k] = start;
                }
                spectrum[k] = (((1 - share) * first) + (share * second)) * phase[k];
                // The turn from one frame to the next; whole turns, which the expected advance would give, do not show.
                phase[k] *= end * Complex.Conjugate(start);
                phase[k] /= phase[k].Magnitude;
            }
            // Bins 0 and size / 2 of a real signal are real.
            spectrum[0] = spectrum[0].Real;
            spectrum[^1] = spectrum[^1].Real;
            transform.Inverse(spectrum, frame);
            int from = step * Hop;
            for (int i = 0; i < Size && from + i < sums.Length; i++)
            {
                sums[from + i] += frame[i] * window[i];
                weights[from + i] += window[i] * window[i];
            }
        }
        float[] result = new float[length];
        for (int i = 0; i < length; i++)
        {
            // The first frame is centred on the first sample.
            double weight = weights[i + (Size / 2)];
            result[i] = (float)(weight > 1e-30 ? sums[i + (Size / 2)] / weight : 0);
        }
        return result;
    }

    /// <summary>The spectra of a frame and of the next one; frames behind the end are silent.</summary>
    private sealed class FramePair(float[] samples, double[] window, RealTransform transform)
    {
        private readonly double[] _frame = new double[Size];
        private readonly int _frames = (samples.Length / Hop) + 1;
        private int _at = -1;

        public Complex[] First { get; private set; } = new Complex[(Size / 2) + 1];

        public Complex[] Second { get; private set; } = new Complex[(Size / 2) + 1];

        public void MoveTo(int frame)
        {
            if (_at == frame)
            {
                return;
            }
            if (_at >= 0 && frame == _at + 1)
            {
                (First, Second) = (Second, First);
            }
            else
            {
                Read(frame, First);
            }
            Read(frame + 1, Second);
            _at = frame;
        }

        private void Read(int frame, Complex[] bins)
        {
            if (frame >= _frames)
            {
                Array.Clear(bins);
                return;
            }
            long start = ((long)frame * Hop) - (Size / 2);
            for (int i = 0; i < Size; i++)
            {
                long at = start + i;
                _frame[i] = at >= 0 && at < samples.Length ? samples[at] * window[i] : 0;
            }
            transform.Forward(_frame).CopyTo(bins);
        }
    }
}
