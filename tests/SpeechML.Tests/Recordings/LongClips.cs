using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Recordings;

/// <summary>Clips of known lengths with labels, and what tiny encoders make of them.</summary>
internal sealed class LongClips
{
    public MLContext Context { get; } = new(seed: 1);

    /// <summary>Rows of clips, in samples at 16 kHz; the label alternates.</summary>
    public IDataView View(params int[] lengths) => Context.Data.LoadFromEnumerable(
        lengths.Select((n, i) => new Row
        {
            Audio = MLAudio.FromSamples(TinyEncoders.Clip(n, i), 16_000),
            Label = $"{(char)('a' + (i % 2))}",
            Number = i % 3,
        }).ToList());

    public IDataView Keyed(params int[] lengths)
    {
        IDataView rows = View(lengths);
        return Context.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(rows).Transform(rows);
    }

    public static SpeechEncodingOptions Encoding(string encoder, Action<SpeechEncodingOptions>? change = null)
    {
        var options = new SpeechEncodingOptions
        {
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            WhisperContext = WhisperContext.Trimmed,
            LongAudio = new LongAudioOptions { Length = 0.5, Overlap = 0.2 },
        };
        change?.Invoke(options);
        return options;
    }

    public float[][] Encode(SpeechEncodingOptions options, IDataView data)
    {
        using SpeechEncodingTransformer model =
            Context.Transforms.EncodeSpeech("Features", options, "Audio").Fit(data);
        return [.. model.Transform(data).GetColumn<float[]>("Features")];
    }

    public static SpeechClassificationOptions Training(
        string encoder, Action<SpeechClassificationOptions>? change = null)
    {
        SpeechClassificationOptions options = SmallRuns.Options(encoder);
        options.LongAudio = new LongAudioOptions { Length = 0.5, Overlap = 0.2 };
        change?.Invoke(options);
        return options;
    }

    public SpeechClassificationTransformer Fit(
        SpeechClassificationOptions options, IDataView data, IDataView? validation = null,
        IProgress<TrainingProgress>? progress = null) =>
        Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options, progress)
        .Fit(data, validation);

    public static float[][] Scores(ITransformer model, IDataView data) =>
        [.. model.Transform(data).GetColumn<float[]>("Score")];

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }

        public string Label { get; set; } = "";

        public float Number { get; set; }
    }
}
