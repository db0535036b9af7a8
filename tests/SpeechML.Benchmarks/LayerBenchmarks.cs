using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Benchmarks;

/// <summary>
/// What choosing the layers on the training clips costs, against the fit of a head on the last layer.
/// </summary>
internal static partial class LayerBenchmarks
{
    private const int Rate = 16_000;
    private const int Labels = 5;
    private const int Subjects = 40;
    private const int Runs = 3;

    private static readonly int[] s_sizes = [200, 320];

    /// <summary>
    /// Whisper base, frozen, several labels and classes; clips are the sample recordings with noise and gain of each,
    /// and labels that follow from the recording. Runs in turns, the median of each.
    /// </summary>
    public static void Choice(SampleClips samples)
    {
        foreach (bool classes in new[] { false, true })
        {
            _ = Fit(samples, 20, classes, EncoderLayers.Auto);
            foreach (int clips in s_sizes)
            {
                var auto = new List<(double All, double Choice)>();
                var last = new List<double>();
                for (int i = 0; i < Runs; i++)
                {
                    auto.Add(Fit(samples, clips, classes, EncoderLayers.Auto));
                    last.Add(Fit(samples, clips, classes, EncoderLayers.Last).All);
                }
                double plain = Median(last), choice = Median([.. auto.Select(a => a.Choice)]);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"layer-choice {(classes ? "classes" : "labels "),-8} {clips} clips: comparing {choice:F2} s, " +
                    $"{choice / plain:P0} of a fit on the last layer, {plain:F1} s; the whole fit with auto " +
                    $"{Median([.. auto.Select(a => a.All)]):F1} s"));
            }
        }
    }

    private static (double All, double Choice) Fit(SampleClips samples, int clips, bool classes, string layers)
    {
        var context = new MLContext(seed: 1);
        double choice = 0;
        context.Log += (_, e) =>
        {
            Match found = ChoiceSeconds().Match(e.Message);
            choice = found.Success ? double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : choice;
        };
        IDataView data = context.Transforms.Conversion.MapValueToKey("Key", "Class")
            .Fit(context.Data.LoadFromEnumerable(Rows(samples, 20)))
            .Transform(context.Data.LoadFromEnumerable(Rows(samples, clips)));
        var clock = Stopwatch.StartNew();
        if (classes)
        {
            using var model = context.MulticlassClassification.Trainers.SpeechClassification(
                "Key", "Audio", Set(new SpeechClassificationOptions(), samples, layers)).Fit(data);
        }
        else
        {
            using var model = context.Speech().Trainers.MultiLabelClassification(
                "Labels", "Audio", Set(new SpeechMultiLabelOptions(), samples, layers)).Fit(data);
        }
        return (clock.Elapsed.TotalSeconds, choice);
    }

    private static T Set<T>(T options, SampleClips samples, string layers)
        where T : SpeechTrainingOptions
    {
        options.Encoder = samples.Encoder;
        options.SubjectColumnName = nameof(Row.Subject);
        (options.Layers, options.Freezing) = (layers, LayerFreezing.All);
        return options;
    }

    private static List<Row> Rows(SampleClips samples, int clips) =>
        [.. Enumerable.Range(0, clips).Select(i =>
        {
            var random = new Random(i);
            int which = i % samples.Clips.Length;
            float gain = 0.3f + (0.7f * random.NextSingle()), noise = 0.02f * random.NextSingle();
            return new Row
            {
                Audio = MLAudio.FromSamples(Array.ConvertAll(samples.Clips[which], s =>
                    (gain * s) + (noise * (random.NextSingle() - 0.5f))), Rate),
                Subject = FormattableString.Invariant($"s{i % Subjects}"),
                Class = FormattableString.Invariant($"c{(which + (random.Next(4) == 0 ? 1 : 0)) % Labels}"),
                Labels = [.. Enumerable.Range(0, Labels).Select(k =>
                    (float)(((which >> k) & 1) ^ (random.Next(8) == 0 ? 1 : 0)))],
            };
        })];

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    [GeneratedRegex(@"Layers: .* in (\d+\.\d) s")]
    private static partial Regex ChoiceSeconds();

    private sealed class Row
    {
        public MLAudio Audio { get; set; } = null!;

        public string Subject { get; set; } = "";

        public string Class { get; set; } = "";

        [VectorType(LayerBenchmarks.Labels)]
        public float[] Labels { get; set; } = [];
    }
}
