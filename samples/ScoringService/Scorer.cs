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
    private readonly TransformerChain<ITransformer> _model;
    private readonly ConcurrentBag<PredictionEngine<Clip, Scores>> _engines = [];
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);
    private readonly string[] _labels;

    /// <param name="path">A model that tells classes apart and begins with <c>LoadAudio</c>.</param>
    public Scorer(string path)
    {
        ITransformer saved = _mlContext.Model.Load(path, out DataViewSchema input);
        _model = _mlContext.Speech().WithoutLoading(_mlContext.Speech().ForScoring(saved, input, out _));
        IDataView none = _mlContext.Data.LoadFromEnumerable<Clip>([]);
        VBuffer<ReadOnlyMemory<char>> names = default;
        _model.GetOutputSchema(none.Schema)["Score"].GetSlotNames(ref names);
        _labels = [.. names.DenseValues().Select(n => n.ToString())];
    }

    public async Task<Answer> Score(MLAudio audio, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        await _turns.WaitAsync(cancellation);
        try
        {
            PredictionEngine<Clip, Scores> engine = _engines.TryTake(out PredictionEngine<Clip, Scores>? free) ? free
                : _mlContext.Model.CreatePredictionEngine<Clip, Scores>(
                    _model, new PredictionEngineOptions { OwnsTransformer = false });
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
            return new Answer(_labels[scores.PredictedLabel - 1], // keys count from 1
                _labels.Zip(scores.Score).ToDictionary(p => p.First, p => p.Second));
        }
        finally
        {
            _turns.Release();
            s_duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    public void Dispose() => (_model as IDisposable)?.Dispose();
}

/// <summary>What the service says of a clip.</summary>
internal sealed record Answer(string Label, IReadOnlyDictionary<string, float> Probabilities);

internal sealed class Clip
{
    public MLAudio? Audio { get; set; }
}

internal sealed class Scores
{
    public uint PredictedLabel { get; set; }

    public float[] Score { get; set; } = [];
}
