using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.Sweeps.Space;

namespace SpeechML.Sweeps.Tuners;

/// <summary>
/// A density over a space: one kernel per observed point and one over the whole space, each a product over the
/// parameters (truncated normal on a range's scale, a
/// raised value among a choice's). Where a parameter takes part in a point but did not in an observation, that
/// observation says nothing of it: its kernel is there the one over
/// the whole space.
/// </summary>
internal sealed class ParzenEstimator
{
    private const double WidthAtOnePoint = 0.2; // of a kernel, as a share of the range
    private const double NarrowestKernels = 100; // a kernel is no narrower than the range by this
    private readonly ParameterSpace _space;
    private readonly IReadOnlyList<SweepPoint> _observed;
    private readonly double[] _weights;
    private readonly double _width;
    private readonly Dictionary<string, ParameterScale> _scales;

    public ParzenEstimator(ParameterSpace space, IReadOnlyList<SweepPoint> observed, double[] weights)
    {
        _space = space;
        _observed = observed;
        double total = weights.Sum() + 1;
        _weights = [.. weights.Append(1).Select(w => w / total)];
        double narrowest = 1 / Math.Min(NarrowestKernels, 1 + _weights.Length);
        _width = Math.Clamp(WidthAtOnePoint *
            Math.Pow(Math.Max(observed.Count, 1), -1.0 / (space.Parameters.Count + 4)), narrowest, 1);
        _scales = space.Parameters.ToDictionary(p => p.Name, ParameterScale.Of, StringComparer.Ordinal);
    }

    public SweepPoint Draw(SeededRandom random)
    {
        double at = random.NextDouble();
        int kernel = 0;
        while (kernel < _weights.Length - 1 && (at -= _weights[kernel]) >= 0)
        {
            kernel++;
        }
        return _space.Build(parameter =>
        {
            double? centre = Centre(kernel, parameter);
            if (parameter.Kind == ParameterKind.Choice)
            {
                double u = random.NextDouble();
                int value = 0;
                while (value < parameter.Values.Count - 1 && (u -= Share(parameter, centre, value)) >= 0)
                {
                    value++;
                }
                return value;
            }
            ParameterScale scale = _scales[parameter.Name];
            (double mean, double sigma) = Normal(scale, centre);
            double from = NormalDistribution.Cdf((scale.Low - mean) / sigma);
            double to = NormalDistribution.Cdf((scale.High - mean) / sigma);
            double place = mean + (sigma * NormalDistribution.Quantile(from + ((to - from) * random.NextDouble())));
            return scale.Back(Math.Clamp(place, scale.Low, scale.High));
        });
    }

    /// <summary>Logarithm of the density at a point.</summary>
    public double LogDensity(SweepPoint point)
    {
        double[] logs = new double[_weights.Length];
        for (int kernel = 0; kernel < logs.Length; kernel++)
        {
            logs[kernel] = Math.Log(_weights[kernel]);
            foreach (SweepParameter parameter in _space.Parameters)
            {
                if (point.Has(parameter.Name))
                {
                    logs[kernel] += LogKernel(parameter, Centre(kernel, parameter), point[parameter.Name]);
                }
            }
        }
        double most = logs.Max();
        return most + Math.Log(logs.Sum(l => Math.Exp(l - most)));
    }

    private double? Centre(int kernel, SweepParameter parameter) =>
        kernel < _observed.Count && _observed[kernel].Has(parameter.Name) ? _observed[kernel][parameter.Name] : null;

    private double LogKernel(SweepParameter parameter, double? centre, double value)
    {
        if (parameter.Kind == ParameterKind.Choice)
        {
            return Math.Log(Share(parameter, centre, (int)value));
        }
        ParameterScale scale = _scales[parameter.Name];
        (double mean, double sigma) = Normal(scale, centre);
        double all = NormalDistribution.Mass((scale.Low - mean) / sigma, (scale.High - mean) / sigma);
        if (parameter.Kind == ParameterKind.Whole)
        {
            double mass = NormalDistribution.Mass(
                (scale.Forward(value - 0.5) - mean) / sigma, (scale.Forward(value + 0.5) - mean) / sigma);
            return Math.Log(Math.Max(mass, double.Epsilon) / all);
        }
        double z = (scale.Forward(value) - mean) / sigma;
        return (-0.5 * z * z) - Math.Log(sigma * Math.Sqrt(2 * Math.PI)) - Math.Log(all);
    }

    private (double Mean, double Sigma) Normal(ParameterScale scale, double? centre) =>
        centre is { } value ? (scale.Forward(value), _width * scale.Width)
            : ((scale.Low + scale.High) / 2, scale.Width);

    /// <summary>The share of one value of a choice.</summary>
    private double Share(SweepParameter parameter, double? centre, int value)
    {
        int count = parameter.Values.Count;
        if (centre is null)
        {
            return 1.0 / count;
        }
        double prior = 1.0 / _weights.Length;
        return (prior + ((int)centre.Value == value ? 1 : 0)) / (1 + (count * prior));
    }
}
