using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SpeechML.Tool.Runs;

/// <summary>The data of a configured run: metadata, split by subject, the label column of the task.</summary>
/// <param name="Split">The parts.</param>
/// <param name="Columns">The columns that a run reads.</param>
internal sealed record ConfiguredData(SpeechDataSplit Split, SpeechRunColumns Columns)
{
    /// <summary>The column of acoustic measures.</summary>
    public const string Measures = "Voice";

    /// <summary>Columns of the label: several of several numbers.</summary>
    public IReadOnlyList<string> LabelColumns { get; private init; } = [];

    private const string Label = "Label";
    private const int TextsShown = 8;

    /// <summary>Reads metadata and divides them; no audio is touched.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="load">Which data.</param>
    /// <param name="config">What is learned.</param>
    /// <param name="ownSplit">The split of a run that is there; <see langword="null"/> for none.</param>
    public static ConfiguredData Read(
        MLContext mlContext, SpeechLoadConfig load, SpeechModelConfig config, string? ownSplit = null)
    {
        if (load.Columns.Features.Count == 0)
        {
            load.Columns = load.Columns with { Features = load.Features };
        }
        if (config.Trainer.SubjectColumnName.Length == 0)
        {
            // What the trainer compares by itself (layers) is compared between subjects, too.
            config.Trainer.SubjectColumnName = load.Columns.Subject ?? "";
        }
        SpeechMetadata metadata = SpeechMetadata.Load(load.MetadataFile, load.Columns);
        metadata = load.Tasks.Count > 0 ? metadata.WithTasks(load.Tasks) : metadata;
        metadata = load.Features.Count > 0 ? metadata.WithFeatures(load.Features) : metadata;
        IReadOnlyList<string> balanced = Balanced(load, config, metadata);
        int seed = load.Split.Seed ?? config.Trainer.Seed ?? 0;
        // Of a run that is there the clips are known; the same ones may not be drawn today.
        metadata = load.MaxClips is { } clips && ownSplit is null
            ? metadata.Sample(clips, load.RatingThreshold, seed, balanced) : metadata;
        IDataView data = mlContext.Speech().LoadMetadata(metadata, load.RatingThreshold);
        (data, string label) = WithLabel(mlContext, data, config, metadata.Columns, load.RatingThreshold);
        string saved = ownSplit ?? load.SplitFile;
        SubjectSplit split = saved.Length > 0 ? SubjectSplit.Load(saved)
            : metadata.Split(load.Split, load.RatingThreshold, balanced);
        return new ConfiguredData(
            mlContext.Speech().ApplySplit(data, split, load.Columns.AudioKey,
                leaveOutOthers: load.Split.OnePerSubject || (ownSplit is not null && load.MaxClips is not null)),
            new SpeechRunColumns
            {
                Label = label,
                Rating = config.Task == SpeechTask.MultiLabel ? "Ratings" : "",
                AudioKey = load.Columns.AudioKey,
                Subject = load.Columns.Subject ?? "",
            })
        {
            LabelColumns = Numbers(data, config) is { Length: > 1 } numbers ? numbers : [label],
        };
    }

    /// <summary>What is done to the audio, from the files on.</summary>
    public static IEstimator<ITransformer> Preparation(MLContext mlContext, SpeechLoadConfig load)
    {
        TransformsCatalog steps = mlContext.Transforms;
        IEstimator<ITransformer> chain =
            steps.LoadAudio(
                "Audio", load.AudioFolder.Length > 0 ? load.AudioFolder : null, load.Columns.AudioKey, load.Audio)
            .Append(steps.ResampleAudio("Audio", load.SampleRate));
        chain = load.TrimSilence is { } silence ? chain.Append(steps.TrimSilence("Audio", silence)) : chain;
        chain = load.TrimToVoice is { } voice ? chain.Append(steps.TrimToVoice("Audio", voice)) : chain;
        chain = load.OffsetSeconds > 0 || load.MaxSeconds is not null
            ? chain.Append(steps.TruncateAudio(
                "Audio", load.MaxSeconds is { } most ? TimeSpan.FromSeconds(most) : null,
                TimeSpan.FromSeconds(load.OffsetSeconds)))
            : chain;
        return load.Normalize is { } level ? chain.Append(steps.NormalizeAudio("Audio", level)) : chain;
    }

    /// <summary>Columns of numbers that the trainer is given beside the audio.</summary>
    public static string[] ExtraFeatures(SpeechTrainingOptions options) => options.ExtraFeatures.Split(
        ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// The acoustic measures of the audio, where column <see cref="Measures"/> is named and the metadata do not have
    /// it; <see langword="null"/> for nothing.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="names">Columns of numbers that are wanted.</param>
    /// <param name="schema">The columns of the metadata.</param>
    public static IEstimator<ITransformer>? Measuring(
        MLContext mlContext, IReadOnlyList<string> names, DataViewSchema schema) =>
        names.Contains(Measures) && schema.GetColumnOrNull(Measures) is null
            ? mlContext.Transforms.MeasureVoice(Measures, "Audio") : null;

    /// <summary>What is done to the audio of training clips besides; <see langword="null"/> for nothing.</summary>
    public static IEstimator<ITransformer>? Augmentation(MLContext mlContext, SpeechLoadConfig load) =>
        load.Augmentation.Count == 0 ? null
            : mlContext.Transforms.AugmentAudio(
                "Audio", load.Augmentation.Count == 1 ? load.Augmentation[0] : new Compose(load.Augmentation),
                load.AugmentationSeed);

    public static bool IsEmpty(IDataView data) =>
        (data.GetRowCount() ?? data.GetColumn<string>(data.Schema[0].Name).LongCount()) == 0;

    /// <summary>Columns whose values all parts should have: what is asked for, and a label of texts.</summary>
    private static string[] Balanced(SpeechLoadConfig load, SpeechModelConfig config, SpeechMetadata metadata)
    {
        bool isText = config.Task is SpeechTask.Multiclass or SpeechTask.Ordinal or SpeechTask.Binary
            && !metadata.Columns.Features.Contains(config.Label)
            && metadata.Rows is [var first, ..] && first.Fields.ContainsKey(config.Label);
        return isText ? [.. load.StratifyColumns.Append(config.Label).Distinct()] : [.. load.StratifyColumns];
    }

    private static (IDataView Data, string Label) WithLabel(
        MLContext mlContext, IDataView data, SpeechModelConfig config, SpeechMetadataColumns columns, double threshold)
    {
        if (config.Task == SpeechTask.MultiLabel)
        {
            return (data, config.Label);
        }
        if (Numbers(data, config) is { Length: > 1 } numbers)
        {
            return (WithNumbers(mlContext, data, numbers, columns), Label);
        }
        CheckColumn(data, config.Label);
        CheckTexts(data, config.Label, config, columns);
        bool rated = columns.Features.Contains(config.Label);
        if (config.Task == SpeechTask.Binary)
        {
            return (rated ? mlContext.Speech().AddBinaryLabel(data, Label, config.Label, threshold)
                : mlContext.Speech().AddBinaryLabel(data, Label, config.Label, config.PositiveValue), Label);
        }
        if (rated)
        {
            data = mlContext.Data.FilterRowsByMissingValues(data, config.Label);
        }
        IEstimator<ITransformer> step = config.Task switch
        {
            SpeechTask.Regression => mlContext.Transforms.Conversion.ConvertType(Label, config.Label, DataKind.Single),
            _ => mlContext.Transforms.Conversion.MapValueToKey(
                Label, config.Label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue),
        };
        return (step.Fit(data).Transform(data), Label);
    }

    /// <summary>The columns of a label of several numbers, which commas separate.</summary>
    private static string[] Numbers(IDataView data, SpeechModelConfig config) =>
        config.Task != SpeechTask.Regression || data.Schema.GetColumnOrNull(config.Label) is not null ? []
            : config.Label.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static void CheckColumn(IDataView data, string label)
    {
        if (data.Schema.GetColumnOrNull(label) is null)
        {
            throw new InvalidDataException(
                $"Label '{label}': expected a column of the metadata, which has " +
                $"'{string.Join("', '", data.Schema.Select(c => c.Name))}'. Give --label.");
        }
    }

    /// <summary>One vector of the numbers, whose slots have the names of the columns; missing ones are NaN.</summary>
    private static IDataView WithNumbers(
        MLContext mlContext, IDataView data, string[] numbers, SpeechMetadataColumns columns)
    {
        if (numbers.GroupBy(n => n).FirstOrDefault(n => n.Count() > 1) is { Key: var twice })
        {
            throw new InvalidDataException(
                $"Label: expected different columns, got '{twice}' twice. Give --label.");
        }
        foreach (string number in numbers)
        {
            CheckColumn(data, number);
            CheckTexts(data, number, new SpeechModelConfig { Task = SpeechTask.Regression }, columns);
        }
        TransformsCatalog steps = mlContext.Transforms;
        return steps.Conversion.ConvertType([.. numbers.Select(n => new InputOutputColumnPair(n))], DataKind.Single)
            .Append(steps.Concatenate(Label, numbers)).Fit(data).Transform(data);
    }

    /// <summary>A column that is no feature is text: says so where that cannot be the task's label.</summary>
    private static void CheckTexts(
        IDataView data, string label, SpeechModelConfig config, SpeechMetadataColumns columns)
    {
        if (columns.Features.Contains(label) || data.Schema[label].Type is not TextDataViewType)
        {
            return;
        }
        string[] texts = [.. data.GetColumn<string>(label).Where(t => t.Length > 0).Distinct()];
        if (config.Task == SpeechTask.Binary && config.PositiveValue.Length == 0)
        {
            throw new InvalidDataException(
                $"Label '{label}': expected --positive-value with the text that counts as yes, got none; the " +
                $"column has '{string.Join("', '", texts.Take(TextsShown))}'. If these are ratings: --features " +
                $"{label}, and --rating-threshold.");
        }
        if (config.Task == SpeechTask.Regression && Array.Find(texts, t => !IsNumber(t)) is { } odd)
        {
            throw new InvalidDataException(
                $"Label '{label}': expected numbers for the task Regression, got '{odd}'. Give another " +
                "--label or --task.");
        }
    }

    // As ML.NET reads them: the words are missing values.
    private static bool IsNumber(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        || text.Trim().ToUpperInvariant() is "" or "?" or "NA" or "N/A";
}
