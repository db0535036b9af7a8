namespace SpeechML.Audio.Dsp;

/// <summary>A box with six like walls, a source and a microphone.</summary>
internal sealed class ShoeboxRoom
{
    /// <summary>Speed of sound (m/s) at 20 °C.</summary>
    private const double SpeedOfSound = 343;

    /// <summary>
    /// Samples on each side of an image's place in the response: its delay is no whole number of samples.
    /// </summary>
    private const int HalfFilter = 40;

    private ShoeboxRoom(double[] size, double[] source, double[] microphone, double absorption, int order) =>
        (Size, Source, Microphone, Absorption, Order) = (size, source, microphone, absorption, order);

    /// <summary>Width, depth, height (m).</summary>
    public double[] Size { get; }

    public double[] Source { get; }

    public double[] Microphone { get; }

    /// <summary>Share of the energy that a reflection loses.</summary>
    public double Absorption { get; }

    /// <summary>Most reflections on one way.</summary>
    public int Order { get; }

    public static ShoeboxRoom Draw(RoomSimulatorOptions o, AugmentationRandom random)
    {
        double[] size = [random.Uniform(o.MinSizeX, o.MaxSizeX), random.Uniform(o.MinSizeY, o.MaxSizeY),
            random.Uniform(o.MinSizeZ, o.MaxSizeZ)];
        double absorption = o.CalculationMode == RoomCalculationMode.Absorption
            ? random.Uniform(o.MinAbsorptionValue, o.MaxAbsorptionValue)
            : Math.Min(1, SabineAbsorption(
                size[0], size[1], size[2], random.Uniform(o.MinTargetRt60, o.MaxTargetRt60)));
        (double Min, double Max)[] places =
            [(o.MinSourceX, o.MaxSourceX), (o.MinSourceY, o.MaxSourceY), (o.MinSourceZ, o.MaxSourceZ)];
        double[] source = [.. places.Select((place, axis) =>
            random.Uniform(Math.Max(place.Min, o.Padding), Math.Min(place.Max, size[axis] - o.Padding)))];
        double distance = random.Uniform(o.MinMicDistance, o.MaxMicDistance);
        (double sinAzimuth, double cosAzimuth) = Math.SinCos(random.Uniform(o.MinMicAzimuth, o.MaxMicAzimuth));
        (double sinElevation, double cosElevation) = Math.SinCos(random.Uniform(o.MinMicElevation, o.MaxMicElevation));
        double[] direction = [-cosElevation * sinAzimuth, cosElevation * cosAzimuth, sinElevation];
        double[] microphone = [.. source.Select((s, axis) =>
            Math.Clamp(s + (distance * direction[axis]), o.Padding, size[axis] - o.Padding))];
        return new ShoeboxRoom(size, source, microphone, absorption, o.MaxOrder);
    }

    /// <summary>Sabine's formula for a box: <c>24 ln(10) V / (c S T)</c>.</summary>
    public static double SabineAbsorption(double x, double y, double z, double rt60) =>
        24 * Math.Log(10) * x * y * z / (SpeedOfSound * 2 * ((x * y) + (y * z) + (x * z)) * rt60);

    /// <summary>
    /// The impulse response at a rate (Hz), behind <paramref name="delay"/> samples: every image is a windowed sinc
    /// around its own arrival.
    /// </summary>
    public float[] Response(int rate, out int delay)
    {
        delay = HalfFilter;
        double reflection = Math.Sqrt(1 - Absorption);
        var images = new List<(double Arrival, double Amplitude)>();
        double last = 0;
        for (int i = -Order; i <= Order; i++)
        {
            double x = Distance(0, i);
            int left = Order - Math.Abs(i);
            for (int j = -left; j <= left; j++)
            {
                double y = Distance(1, j);
                int rest = left - Math.Abs(j);
                for (int k = -rest; k <= rest; k++)
                {
                    double z = Distance(2, k);
                    double amplitude = Math.Pow(reflection, Math.Abs(i) + Math.Abs(j) + Math.Abs(k));
                    // Nearer than 1 cm the spherical wave's amplitude has no meaning.
                    double distance = Math.Max(0.01, Math.Sqrt((x * x) + (y * y) + (z * z)));
                    if (amplitude > 0)
                    {
                        images.Add((distance / SpeedOfSound * rate, amplitude / (4 * Math.PI * distance)));
                        last = Math.Max(last, distance / SpeedOfSound * rate);
                    }
                }
            }
        }
        double[] response = new double[(int)Math.Ceiling(last) + (2 * HalfFilter) + 1];
        foreach ((double arrival, double amplitude) in images)
        {
            AddImage(response, arrival + delay, amplitude);
        }
        return Array.ConvertAll(response, r => (float)r);
    }

    /// <summary>
    /// The sine of neighbouring samples differs by sign only, so that one sine and one rotation serve a whole image.
    /// </summary>
    private static void AddImage(double[] response, double place, double amplitude)
    {
        int centre = (int)Math.Round(place);
        double fraction = centre - place;
        double sine = Math.Sin(Math.PI * fraction);
        (double stepSine, double stepCosine) = Math.SinCos(Math.PI / (HalfFilter + 1));
        (double windowSine, double windowCosine) = Math.SinCos(Math.PI * (fraction - HalfFilter) / (HalfFilter + 1));
        for (int k = -HalfFilter; k <= HalfFilter; k++)
        {
            double t = k + fraction;
            double sinc = Math.Abs(t) < 1e-9 ? 1 : (k % 2 == 0 ? sine : -sine) / (Math.PI * t);
            response[centre + k] += amplitude * sinc * (0.5 + (0.5 * windowCosine));
            (windowSine, windowCosine) =
                ((windowSine * stepCosine) + (windowCosine * stepSine),
                (windowCosine * stepCosine) - (windowSine * stepSine));
        }
    }

    /// <summary>
    /// Along one axis, from the microphone to the source's image behind <paramref name="reflections"/> walls (negative:
    /// the other way).
    /// </summary>
    private double Distance(int axis, int reflections)
    {
        double image = reflections % 2 == 0 ? (reflections * Size[axis]) + Source[axis]
            : ((reflections + 1) * Size[axis]) - Source[axis];
        return image - Microphone[axis];
    }
}
