using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Onnx;
using SpeechML.Data.Scoring;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Scoring;

/// <summary>
/// Scores files by a saved model, block by block: a file that cannot be read or scored costs itself only. Blocks are
/// cut at fixed places, so that a file's last digits do not depend on where a broken run was resumed.
/// </summary>
internal sealed class FileScorer : IDisposable
{
    /// <summary>Files per block: decoding runs ahead within one.</summary>
    public const int Block = 64;

    private const string OnnxEnding = ".onnx";

    private readonly MLContext _mlContext;
    private readonly ITransformer _model;
    private readonly TransformerChain<ITransformer> _scoring;
    private readonly SchemaDefinition _columns;
    private readonly AudioLoadingOptions _loading;
    private readonly int? _sampleRate; // where the model does not resample
    private readonly IReadOnlyList<AudioStep> _steps = []; // of an ONNX file, which has them beside the graph

    /// <param name="mlContext">The context.</param>
    /// <param name="model">What <see cref="SavedModel.Find"/> gave.</param>
    public FileScorer(MLContext mlContext, string model)
    {
        _mlContext = mlContext;
        _columns = SchemaDefinition.Create(typeof(Clip));
        if (model.EndsWith(OnnxEnding, StringComparison.OrdinalIgnoreCase))
        {
            SpeechOnnxTransformer onnx = _mlContext.Speech().LoadOnnx(model);
            (_model, _loading, _sampleRate, _steps) = (onnx, onnx.Loading, onnx.SampleRate, onnx.Steps);
            _columns[nameof(Clip.Audio)].ColumnName = onnx.InputColumnName;
            AudioMeasuringTransformer[] measurings = [.. onnx.Measurings(_mlContext)];
            if (onnx.FeatureColumns.Except(measurings.Select(m => m.OutputColumnName)).FirstOrDefault() is { } missing)
            {
                onnx.Dispose();
                throw new InvalidDataException(
                    $"Model '{model}': expected columns that are measured from the audio, got '{missing}', which the " +
                    "model is given beside it and no audio file has. Score it in a program, with LoadOnnx.");
            }
            _scoring = TransformerSteps.Chain([.. measurings, onnx]);
            Task = ScoreTask.Of(_scoring.GetOutputSchema(View([]).Schema));
            return;
        }
        _model = SavedModel.Load(_mlContext, model, out DataViewSchema? input);
        SpeechScoringTransformer scorer = SavedModel.ScorerOf(_model)
            ?? throw new InvalidDataException($"Model '{model}': expected a trained model of SpeechML, got another.");
        AudioLoadingTransformer? loader =
            TransformerSteps.Flatten(_model).OfType<AudioLoadingTransformer>().FirstOrDefault();
        _columns[nameof(Clip.Audio)].ColumnName = loader?.OutputColumnName ?? scorer.AudioColumn;
        TransformerChain<ITransformer> needed =
            _mlContext.Speech().ForScoring(
                _model, loader is not null ? input! : input is null ? View([]).Schema : WithAudio(input), out _);
        _loading = loader?.Options ?? new AudioLoadingOptions();
        _scoring = loader is null ? needed : _mlContext.Speech().WithoutLoading(needed);
        _sampleRate = needed.Any(t => t is AudioResamplingTransformer) ? null
            : scorer.Network.Encoder.Config.SampleRate;
        Task = ScoreTask.Of(_scoring.GetOutputSchema(View([]).Schema));
    }

    /// <summary>What the model says.</summary>
    public ScoreTask Task { get; }

    /// <summary>Scores a block of files, in order.</summary>
    public IReadOnlyList<ScoredFile> Score(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var clips = new (MLAudio? Audio, string? Error)[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancellation },
            i => clips[i] = Load(files[i]));
        MLAudio[] good = [.. clips.Select(c => c.Audio).OfType<MLAudio>()];
        IEnumerator<(ClipScore? Score, string? Error)> scores = Score(good, cancellation).GetEnumerator();
        return [.. clips.Select((clip, i) =>
        {
            if (clip.Audio is null)
            {
                return new ScoredFile(files[i], null, clip.Error);
            }
            scores.MoveNext();
            return new ScoredFile(files[i], scores.Current.Score, scores.Current.Error);
        })];
    }

    public void Dispose() => (_model as IDisposable)?.Dispose();

    private IEnumerable<(ClipScore? Score, string? Error)> Score(MLAudio[] clips, CancellationToken cancellation)
    {
        try
        {
            return [.. Task.Read(_scoring.Transform(View(clips))).Select(s => ((ClipScore?)s, (string?)null))];
        }
        catch (Exception e) when (IsOfAFile(e))
        {
            // Some clip is too short or too long: each by itself says which.
            return clips.Select(clip =>
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    return ((ClipScore?)Task.Read(_scoring.Transform(View([clip]))).Single(), (string?)null);
                }
                catch (Exception one) when (IsOfAFile(one))
                {
                    return (null, one.Message);
                }
            });
        }
    }

    private (MLAudio? Audio, string? Error) Load(string file)
    {
        try
        {
            MLAudio audio = MLAudio.FromCopy(StoragePath.Fetch(file), file, _loading);
            if (_sampleRate is { } rate)
            {
                audio = _steps.Any(s => s.SampleRate is not null) ? audio : audio.Resample(rate);
                audio = _steps.Aggregate(audio, (clip, step) => step.Apply(clip)).Resample(rate);
            }
            return (audio, null);
        }
        catch (Exception e) when (IsOfAFile(e) || e is IOException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
    }

    private static bool IsOfAFile(Exception e) => e is AudioException or InvalidOperationException or ArgumentException;

    // A saved schema has no audio column; it has the label, which steps ask for that no score depends on.
    private DataViewSchema WithAudio(DataViewSchema? input)
    {
        DataViewSchema.Column audio = View([]).Schema.Single();
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(input?.Where(c => c.Name != audio.Name) ?? []);
        schema.AddColumn(audio.Name, audio.Type);
        return schema.ToSchema();
    }

    private IDataView View(IEnumerable<MLAudio> clips) =>
        _mlContext.Data.LoadFromEnumerable(clips.Select(a => new Clip { Audio = a }), _columns);

    private sealed class Clip
    {
        public MLAudio? Audio { get; set; }
    }
}
