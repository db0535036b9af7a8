using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

namespace ScoringService;

/// <summary>The model, shared by all requests, and engines over it, each used by one request at a time.</summary>
internal sealed class Scorer : IDisposable
{
    private static readonly Meter s_meter = new(nameof(ScoringService));
    private static readonly Histogram<double> s_duration =
        s_meter.CreateHistogram<double>("speechml.score.duration", "s", "Time from the decoded audio to its scores");

    private readonly MLContext _mlContext = new();
    private readonly ITransformer _model;
    private readonly ConcurrentBag<PredictionEngine<Clip, Scores>> _engines = [];
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);
    private readonly string[] _labels;

    /// <param name="path">A model that tells classes apart and begins with <c>LoadAudio</c>.</param>
    public Scorer(string path)
    {
        ITransformer saved = _mlContext.Model.Load(path, out DataViewSchema input);
        TransformerChain<ITransformer> scoring =
            _mlContext.Speech().WithoutLoading(_mlContext.Speech().ForScoring(saved, input, out _));
        IDataView none = scoring.Transform(_mlContext.Data.LoadFromEnumerable<Clip>([]));
        // Not all chains end with the names of classes.
        _model = none.Schema["PredictedLabel"].Type is KeyDataViewType
            ? scoring.Append(_mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(none)) : scoring;
        VBuffer<ReadOnlyMemory<char>> names = default;
        none.Schema["Score"].GetSlotNames(ref names);
        _labels = [.. names.DenseValues().Select(n => n.ToString())];
        _engines.Add(Create()); // a model of another task is known before the first request
    }

    public async Task<Answer> Score(MLAudio audio, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        await _turns.WaitAsync(cancellation);
        try
        {
            PredictionEngine<Clip, Scores> engine =
                _engines.TryTake(out PredictionEngine<Clip, Scores>? free) ? free : Create();
            Scores scores;
            try
            {
                scores = await Task.Run(() => engine.Predict(new Clip { Audio = audio }), cancellation);
            }
            catch
            {
                engine.Dispose(); // what it has read is not known
                throw;
            }
            _engines.Add(engine);
            return new Answer(
                scores.PredictedLabel, _labels.Zip(scores.Score).ToDictionary(p => p.First, p => p.Second));
        }
        finally
        {
            _turns.Release();
            s_duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    public void Dispose() => (_model as IDisposable)?.Dispose();

    private PredictionEngine<Clip, Scores> Create() => _mlContext.Model.CreatePredictionEngine<Clip, Scores>(
        _model, new PredictionEngineOptions { OwnsTransformer = false });
}

/// <summary>What the service says of a clip.</summary>
internal sealed record Answer(string Label, IReadOnlyDictionary<string, float> Probabilities);

internal sealed class Clip
{
    public MLAudio? Audio { get; set; }
}

internal sealed class Scores
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}
