using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Benchmarks.Baselines;

/// <summary>
/// What the trainers reach with nothing set but the labels, on folds by subject that are given, against scores of
/// other features on the same folds: <c>baseline FOLDS.csv SCORES.csv AUDIO ENCODER [seeds] [last | by-clip | tune |
/// auto] [precision] [scores to write]</c>; <c>last:80</c> trains on 80 of a fold's clips. <c>baseline FOLDS.csv
/// FIRST.csv SECOND.csv</c> compares what two such runs wrote, paired by subject.
/// </summary>
internal static class BaselineBenchmark
{
    public const string Name = "baseline";

    private const string Rival = "compare_2016";

    public static int Run(string[] args)
    {
        if (args.Length == 3)
        {
            Compare(args[0], args[1], args[2]);
            return 0;
        }
        if (args.Length < 4)
        {
            Console.Error.WriteLine(
                "baseline: expected FOLDS.csv SCORES.csv AUDIO-FOLDER ENCODER-FOLDER [seeds] [last | by-clip | tune " +
                "| measures | auto] [precision] [scores to write], or FOLDS.csv FIRST.csv SECOND.csv");
            return 2;
        }
        BaselineClip[] clips = BaselineClip.Read(args[0]);
        BaselineScores rival = BaselineScores.Read(args[1], Rival, clips);
        int seeds = args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : 3;
        string mode = args.Length > 5 ? args[5] : "";
        SpeechPrecision precision = args.Length > 6 ? Enum.Parse<SpeechPrecision>(args[6]) : SpeechPrecision.Float32;
        for (int seed = 0; seed < seeds; seed++)
        {
            var clock = Stopwatch.StartNew();
            BaselineScores ours = Score(clips, args[2], args[3], seed, mode, precision);
            Console.WriteLine(
                $"seed {seed}: ratings' macro AUC {ours.Ratings(clips):F3}, language's balanced accuracy " +
                $"{ours.Language(clips):F3} ({Rival} {rival.Ratings(clips):F3}, {rival.Language(clips):F3}), " +
                $"{clock.Elapsed.TotalSeconds:F0} s");
            Console.WriteLine($"  by label: {string.Join(", ", ours.EachRating(clips).Select(a => $"{a:F3}"))}");
            Console.WriteLine(
                $"  difference to {Rival}: ratings {ours.Interval(rival, clips, s => s.Ratings)}, language " +
                $"{ours.Interval(rival, clips, s => s.Language)}");
            if (args.Length > 7)
            {
                ours.Save(seeds == 1 ? args[7] : $"{args[7]}.{seed}", clips, BaselineClip.Names(args[0]));
            }
        }
        return 0;
    }

    private static void Compare(string folds, string first, string second)
    {
        BaselineClip[] clips = BaselineClip.Read(folds);
        BaselineScores one = BaselineScores.Read(first, BaselineScores.Saved, clips),
            other = BaselineScores.Read(second, BaselineScores.Saved, clips);
        double[] ones = one.EachRating(clips), others = other.EachRating(clips);
        Console.WriteLine($"ratings' macro AUC {one.Ratings(clips):F3} and {other.Ratings(clips):F3}: difference " +
            one.Interval(other, clips, s => s.Ratings));
        foreach ((int k, string difference) in one.EachInterval(other, clips).Index())
        {
            Console.WriteLine($"  {BaselineClip.Names(folds)[k]}: {ones[k]:F3} and {others[k]:F3}: {difference}");
        }
        Console.WriteLine($"language's balanced accuracy {one.Language(clips):F3} and {other.Language(clips):F3}: " +
            $"difference {one.Interval(other, clips, s => s.Language)}");
    }

    private static BaselineScores Score(
        BaselineClip[] clips, string audio, string encoder, int seed, string mode, SpeechPrecision precision)
    {
        (mode, int size) = mode.Split(':') is [string name, string most]
            ? (name, int.Parse(most, CultureInfo.InvariantCulture)) : (mode, int.MaxValue);
        string[] languages = [.. clips.Select(c => c.Language).Distinct().Order(StringComparer.Ordinal)];
        var scores = new BaselineScores(languages, clips.Length);
        foreach (int fold in clips.Select(c => c.Fold).Distinct().Order())
        {
            var mlContext = new MLContext(seed);
            mlContext.Log += (_, e) =>
            {
                if (e.Message.Contains("Layers:", StringComparison.Ordinal))
                {
                    Console.WriteLine($"  fold {fold}: {e.Message}");
                }
            };
            int[] test = [.. Enumerable.Range(0, clips.Length).Where(i => clips[i].Fold == fold)];
            IDataView train = mlContext.Data.LoadFromEnumerable(BaselineClip.Some(
                clips.Where(c => c.Fold != fold), size, seed));
            IDataView held = mlContext.Data.LoadFromEnumerable(test.Select(i => clips[i]));
            IEstimator<ITransformer> prepare = mlContext.Transforms.LoadAudio("Audio", audio, nameof(BaselineClip.File))
                .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
                .Append(mlContext.Transforms.Conversion.MapValueToKey(
                    nameof(BaselineClip.Language), keyOrdinality:
                    Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue));
            if (mode == "measures")
            {
                prepare = prepare.Append(mlContext.Transforms.MeasureVoice("Voice", "Audio"));
            }
            var ratings = Set(new SpeechMultiLabelOptions(), encoder, mode, precision);
            using (var model = (TransformerChain<SpeechMultiLabelTransformer>)prepare.Append(
                mlContext.Speech().Trainers.MultiLabelClassification(nameof(BaselineClip.Ratings), "Audio", ratings))
                .Fit(train))
            {
                scores.AddRatings(test, model.Transform(held).GetColumn<float[]>("Probability"));
            }
            var language = Set(new SpeechClassificationOptions(), encoder, mode, precision);
            using var other = (TransformerChain<SpeechClassificationTransformer>)prepare.Append(
                mlContext.MulticlassClassification.Trainers.SpeechClassification(
                    nameof(BaselineClip.Language), "Audio", language)).Fit(train);
            scores.AddLanguage(test, other.Transform(held).GetColumn<float[]>("Score"));
        }
        return scores;
    }

    private static T Set<T>(T options, string encoder, string mode, SpeechPrecision precision)
        where T : SpeechTrainingOptions
    {
        options.Encoder = encoder;
        options.WhisperContext = WhisperContext.Trimmed;
        options.Precision = precision;
        // The same clips are encoded for both tasks and every seed.
        options.Cache.Folder = Path.Combine(Path.GetTempPath(), "speechml-baseline");
        if (mode != "by-clip")
        {
            options.SubjectColumnName = nameof(BaselineClip.Subject);
        }
        if (mode == "measures")
        {
            options.ExtraFeatures = "Voice";
        }
        if (mode == "last")
        {
            options.Layers = EncoderLayers.Last;
            options.Freezing = LayerFreezing.All;
        }
        if (mode == "tune")
        {
            options.Freezing = LayerFreezing.RequiredOnly;
        }
        return options;
    }
}
