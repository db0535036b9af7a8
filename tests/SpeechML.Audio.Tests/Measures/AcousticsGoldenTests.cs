using System.Globalization;
using System.Text.Json;

namespace SpeechML.Audio.Tests.Measures;

/// <summary>
/// Every clip and setting of the golden folder <c>acoustics</c> (Praat, librosa), by the tolerances in its JSON.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class AcousticsGoldenTests
{
    private const double TimeTolerance = 1e-4;

    public static IEnumerable<object?[]> Cases() => AcousticsCase.All();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Analyze_GoldenClip_EqualsPraat(string? folder, string? clip, string? setting)
    {
        var golden = AcousticsCase.Of(folder, clip, setting);
        VoiceAnalysis got = VoiceMeasures.Analyze(golden.Audio, golden.Options);
        MfccContour mfcc = VoiceMeasures.Mfcc(golden.Audio, golden.Mfcc());
        var misses = new List<string>();
        CompareContours(golden, got, mfcc, misses);
        ComparePulses(golden, got, misses);
        CompareTiming(golden, got, misses);
        CompareVector(golden, [.. got.ToVector()], misses);
        CollectionAssert.AreEqual(got.ToVector().ToArray(), VoiceMeasures.Measure(golden.Audio, golden.Options),
            "the vector alone");
        Assert.IsEmpty(misses, string.Join("; ", misses));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void JitterAndShimmer_OfTheStoredPulses_EqualPraat(string? folder, string? clip, string? setting)
    {
        var golden = AcousticsCase.Of(folder, clip, setting);
        JsonElement tolerance = golden.Json.GetProperty("tolerances")
            .GetProperty("jitter_and_shimmer_of_the_stored_pulses");
        PerturbationOptions options = golden.Options.Perturbation;
        double[] pulses = golden.Tensor("pulses");
        JitterMeasures jitter = VoiceMeasures.Jitter(pulses, options);
        PulseAmplitudes amplitudes = VoiceMeasures.Amplitudes(golden.Audio, pulses, options);
        ShimmerMeasures shimmer = VoiceMeasures.Shimmer(amplitudes, options);
        double[] times = golden.Tensor("amplitudes.time"), values = golden.Tensor("amplitudes");
        Assert.HasCount(times.Length, amplitudes.Times);
        for (int i = 0; i < times.Length; i++)
        {
            Assert.AreEqual(times[i], amplitudes.Times[i], TimeTolerance);
            Assert.AreEqual(values[i], amplitudes.Values[i], 1e-4 * values[i], $"amplitude {i}");
        }
        var got = new Dictionary<string, double>
        {
            ["jitter.local"] = jitter.Local,
            ["jitter.local_absolute"] = jitter.LocalAbsolute,
            ["jitter.rap"] = jitter.Rap,
            ["jitter.ppq5"] = jitter.Ppq5,
            ["jitter.ddp"] = jitter.Ddp,
            ["jitter.mean_period"] = jitter.MeanPeriod,
            ["jitter.sd_period"] = jitter.PeriodDeviation,
            ["shimmer.local"] = shimmer.Local,
            ["shimmer.local_db"] = shimmer.LocalDb,
            ["shimmer.apq3"] = shimmer.Apq3,
            ["shimmer.apq5"] = shimmer.Apq5,
            ["shimmer.apq11"] = shimmer.Apq11,
            ["shimmer.dda"] = shimmer.Dda,
        };
        foreach (string group in (string[])["jitter", "shimmer"])
        {
            foreach (JsonProperty property in golden.Want.GetProperty(group).EnumerateObject())
            {
                double want = AcousticsCase.Number(property.Value);
                double allowed = tolerance.GetProperty("absolute").GetDouble()
                    + (tolerance.GetProperty("relative").GetDouble() * Math.Abs(want));
                AssertNear(want, got[$"{group}.{property.Name}"], allowed, $"{group}.{property.Name}");
            }
        }
    }

    private static void AssertNear(double want, double got, double allowed, string name) => Assert.IsTrue(
        double.IsNaN(want) ? double.IsNaN(got) : Math.Abs(want - got) <= allowed, $"{name}: {got} for {want}");

    private static void CompareContours(
        AcousticsCase golden, VoiceAnalysis got, MfccContour mfcc, List<string> misses)
    {
        bool[] silent = [.. golden.Tensor("hnr.constant").Select(v => v != 0)];
        bool[] constant = [.. golden.Tensor("cpps.constant").Select(v => v != 0)];
        var contours = new Dictionary<string, (IReadOnlyList<double> Values, bool[]? Skip)>
        {
            ["pitch.f0"] = (got.Pitch.Frequency, null),
            ["pitch.strength"] = (got.Pitch.Strength, null),
            ["hnr"] = (got.Harmonicity.Ratio, got.Harmonicity.Ratio.Count == silent.Length ? silent : null),
            ["intensity"] = (got.Intensity.Level, null),
            ["formants.frequency"] = (ByFrame(got.Formants.Frequency), null),
            ["formants.bandwidth"] = (ByFrame(got.Formants.Bandwidth), null),
            ["cpps"] = (got.Cpps.Prominence, constant),
            ["cpp"] = (got.Cpp!.Prominence, constant),
            ["ltas"] = (got.Spectrum.BandLevels, null),
            ["mfcc"] = ([.. mfcc.Coefficients.SelectMany(c => c)], null),
        };
        foreach (JsonProperty tolerance in golden.Json.GetProperty("tolerances").GetProperty("contours")
            .EnumerateObject())
        {
            (IReadOnlyList<double> values, bool[]? skip) = contours[tolerance.Name];
            double[] want = golden.Tensor(tolerance.Name);
            if (tolerance.Name == "pitch.strength")
            {
                double[] f0 = golden.Tensor("pitch.f0");
                want = [.. want.Select((v, i) => double.IsNaN(f0[i]) ? double.NaN : v)];
            }
            CompareContour(tolerance.Name, tolerance.Value, want, values, skip, misses);
        }
        (string Name, IReadOnlyList<double> Times)[] times =
        [
            ("pitch.time", got.Pitch.Times), ("hnr.time", got.Harmonicity.Times),
            ("intensity.time", got.Intensity.Times), ("formants.time", got.Formants.Times),
            ("cpps.time", got.Cpps.Times), ("syllable_intensity.time", got.SyllableIntensity.Times),
        ];
        foreach ((string name, IReadOnlyList<double> values) in times)
        {
            double[] want = golden.Tensor(name);
            if (want.Length != values.Count
                || want.Where((time, i) => !(Math.Abs(time - values[i]) <= TimeTolerance)).Any())
            {
                misses.Add($"{name}: {values.Count} for {want.Length}");
            }
        }
        Statistics("mfcc_mean", mfcc.Means());
        Statistics("mfcc_sd", mfcc.Deviations());
        MfccContour slopes = mfcc with { Coefficients = mfcc.Delta() };
        Statistics("delta_mean", slopes.Means());
        Statistics("delta_sd", slopes.Deviations());
        if (!silent.SequenceEqual(got.Harmonicity.IsConstant) || !constant.SequenceEqual(got.Cpps.IsConstant))
        {
            misses.Add("constant frames");
        }

        void Statistics(string name, IReadOnlyList<double> values)
        {
            double[] want = [.. golden.Want.GetProperty(name).EnumerateArray().Select(AcousticsCase.Number)];
            const double Tolerance = 2e-3;
            if (want.Length == 0 ? !values.All(double.IsNaN)
                : want.Length != values.Count || want.Where((v, i) => !(Math.Abs(v - values[i]) <= Tolerance)).Any())
            {
                misses.Add(name);
            }
        }
    }

    private static double[] ByFrame(IReadOnlyList<IReadOnlyList<double>> rows) =>
        [.. Enumerable.Range(0, rows[0].Count).SelectMany(frame => rows.Select(row => row[frame]))];

    private static void CompareContour(string name, JsonElement tolerance, double[] want, IReadOnlyList<double> got,
        bool[]? skip, List<string> misses)
    {
        if (want.Length != got.Count)
        {
            misses.Add($"{name}: {got.Count} values for {want.Length}");
            return;
        }
        double absolute = tolerance.GetProperty("absolute").GetDouble();
        double relative = tolerance.GetProperty("relative").GetDouble();
        double above = tolerance.TryGetProperty("unless_both_above", out JsonElement limit)
            ? limit.GetDouble() : double.PositiveInfinity;
        int kept = 0, alike = 0, defined = 0, near = 0;
        double worst = 0;
        for (int i = 0; i < want.Length; i++)
        {
            if (skip is not null && skip[i])
            {
                continue;
            }
            kept++;
            alike += double.IsNaN(want[i]) == double.IsNaN(got[i]) ? 1 : 0;
            if (!double.IsNaN(want[i]) && !double.IsNaN(got[i]))
            {
                defined++;
                bool isNear = Math.Abs(got[i] - want[i]) <= absolute + (relative * Math.Abs(want[i]))
                    || (want[i] > above && got[i] > above - 5);
                near += isNear ? 1 : 0;
                worst = isNear ? worst : Math.Max(worst, Math.Abs(got[i] - want[i]));
            }
        }
        if ((kept > 0 && (double)alike / kept < tolerance.GetProperty("defined").GetDouble())
            || (defined > 0 && (double)near / defined < tolerance.GetProperty("share").GetDouble()))
        {
            misses.Add(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {alike} of {kept} alike, {near} of {defined} near, worst {worst}"));
        }
    }

    private static void ComparePulses(AcousticsCase golden, VoiceAnalysis got, List<string> misses)
    {
        double[] want = golden.Tensor("pulses");
        double[] pulses = [.. got.Pulses];
        const double Near = 2e-5, Share = 0.98;
        int found = want.Count(time => pulses.Any(p => Math.Abs(p - time) < Near));
        if (Math.Abs(want.Length - pulses.Length) > Math.Max(1, 0.01 * want.Length)
            || (want.Length > 0 && pulses.Length > 0 && found < Share * want.Length))
        {
            misses.Add($"pulses: {pulses.Length} for {want.Length}, {found} found");
        }
    }

    private static void CompareTiming(AcousticsCase golden, VoiceAnalysis got, List<string> misses)
    {
        double step = got.Intensity.Step + 1e-6;
        (double Start, bool Sounds)[] intervals = [.. golden.Want.GetProperty("intervals").EnumerateArray()
            .Select(i => (i.GetProperty("start").GetDouble(), i.GetProperty("sounding").GetBoolean()))];
        if (intervals.Length != got.Intervals.Count || intervals.Where((interval, i) =>
            interval.Sounds != got.Intervals[i].IsSounding
            || !(Math.Abs(interval.Start - got.Intervals[i].Start) <= step)).Any())
        {
            misses.Add($"intervals: {got.Intervals.Count} for {intervals.Length}");
        }
        double[] nuclei = golden.Tensor("nuclei");
        IReadOnlyList<double> own = got.Nuclei ?? [];
        JsonElement syllables = golden.Want.GetProperty("syllables");
        if (nuclei.Length != own.Count || nuclei.Where((time, i) => !(Math.Abs(time - own[i]) <= step)).Any()
            || (syllables.ValueKind == JsonValueKind.Null) != (got.Nuclei is null))
        {
            misses.Add($"nuclei: {own.Count} for {nuclei.Length}");
        }
    }

    private static void CompareVector(AcousticsCase golden, double[] got, List<string> misses)
    {
        JsonElement tolerance = golden.Json.GetProperty("tolerances").GetProperty("vector");
        var absolute = tolerance.GetProperty("absolute").EnumerateObject()
            .SelectMany(p => p.Name.Split(' ').Select(name => (Name: name, Value: p.Value.GetDouble())))
            .ToDictionary(p => p.Name, p => p.Value);
        double relative = tolerance.GetProperty("relative").GetDouble();
        JsonElement want = golden.Want.GetProperty("measures");
        double hnr = AcousticsCase.Number(want.GetProperty("hnr_mean"));
        CollectionAssert.AreEqual(want.EnumerateObject().Select(p => p.Name).ToArray(),
            VoiceMeasures.All.Select(m => m.Name).ToArray());
        CollectionAssert.AreEqual(
            golden.Json.GetProperty("units").EnumerateObject().Select(p => p.Value.GetString()).ToArray(),
            VoiceMeasures.All.Select(m => m.Unit).ToArray());
        for (int i = 0; i < got.Length; i++)
        {
            string name = VoiceMeasures.All[i].Name;
            double value = AcousticsCase.Number(want.GetProperty(name));
            if (name.StartsWith("hnr", StringComparison.Ordinal) && hnr > 40)
            {
                continue;
            }
            if (double.IsNaN(value) != double.IsNaN(got[i]) || Math.Abs(value - got[i])
                > (relative * Math.Abs(value)) + absolute.GetValueOrDefault(name, 1e-6))
            {
                misses.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {got[i]} for {value}"));
            }
        }
    }
}
