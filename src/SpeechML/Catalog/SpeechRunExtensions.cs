using Microsoft.ML.Calibrators;
using Microsoft.ML.Runtime;
using SpeechML;
using SpeechML.Data.Interop;
using SpeechML.Data.Scoring;
using SpeechML.Runs;
using SpeechML.Runs.Scoring;
using SpeechML.Tasks;

namespace Microsoft.ML;

/// <summary>Puts data, evaluations and models into a run folder.</summary>
public static class SpeechRunExtensions
{
    /// <summary>
    /// Evaluates a model on one part of the data: <c>predictions.csv</c>, <c>evaluation.json</c>, and the clips that it
    /// got most wrong.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="model">The model, whose input the data is.</param>
    /// <param name="data">The data, with labels.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="split">What the part is called: <c>test</c>, <c>validation</c>, ...</param>
    /// <param name="cancellationToken">Ends it; a context that is cancelled, as AutoML does with a trial, ends it too.
    /// Nothing is written then.</param>
    /// <returns>How it did.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public static RunEvaluation Evaluate(
        this SpeechRun run, ITransformer model, IDataView data, SpeechRunColumns columns, string split = "test",
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(columns);
        columns.Validate();
        ArgumentException.ThrowIfNullOrEmpty(split);
        var cancellation = new Cancellation(run.Context, cancellationToken);
        cancellation.ThrowIfRequested();
        IDataView scored = model.Transform(data);
        double threshold = run.Manifest().RatingThreshold;
        SpeechScoringTransformer? scorer = ScorerOf(model);
        RunScores scores = RunScores.Read(scored, columns, split, threshold, TaskOf(model),
            cancellation);
        RunEvaluation evaluation =
            RunEvaluator.Evaluate(scores.Task, split, scores.Predictions, run.Resamples, run.RunEnvironment.Seed,
            cancellation);
        (List<KeptClip> worst, List<KeptClip> typical) = WorstClips.Read(
            scored, columns, scores, run.WorstClips, run.ExplainedClips, split, scorer, cancellation);
        run.Add(evaluation, scores.Predictions, worst, typical);
        run.AddData(split, scores.Data());
        return evaluation;
    }

    /// <summary>
    /// Records the training data and evaluates the model on the validation and the test data, those that there are:
    /// nothing is forgotten.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="model">The model, whose input the data is.</param>
    /// <param name="split">The parts, which are named <c>train</c>, <c>validation</c> and <c>test</c>.</param>
    /// <param name="columns">Their columns.</param>
    /// <returns>How it did on the validation and the test data.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public static IReadOnlyList<RunEvaluation> Evaluate(
        this SpeechRun run, ITransformer model, SpeechDataSplit split, SpeechRunColumns columns)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(columns);
        // A label may be made by the model's own pipeline.
        run.RecordData(
            split.Train.Schema.GetColumnOrNull(columns.Label) is null ? model.Transform(split.Train) : split.Train,
            columns);
        (string Name, IDataView Data)[] parts = [(RunGaps.Validation, split.Validation), ("test", split.Test)];
        return [.. parts.Where(p => HasRows(p.Data))
            .Select(p => run.Evaluate(model, p.Data, columns, p.Name))];
    }

    /// <summary>
    /// Says what data the model learns from: number of clips and subjects and a hash over names, subjects and labels,
    /// in <c>environment.json</c>.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="data">The data.</param>
    /// <param name="columns">Its columns; scores are not needed.</param>
    /// <param name="split">What the part is called.</param>
    public static void RecordData(this SpeechRun run, IDataView data, SpeechRunColumns columns, string split = "train")
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(columns);
        columns.Validate();
        run.AddData(split, RunScores.Describe(data, columns));
    }

    /// <summary>
    /// Saves the model in the run folder: in <c>best/</c> where there was validation data and the trainer keeps the
    /// best epoch (<see cref="EarlyStoppingOptions.KeepBest"/>), else in
    /// <c>last/</c>.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The schema of its input.</param>
    public static void Complete(this SpeechRun run, MLContext mlContext, ITransformer model, DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        Warn(run, mlContext);
        bool best = run.Manifest().EarlyStopping.KeepBest && run.Epochs.Any(e => e.BestEpoch is not null);
        run.Complete(path => mlContext.Model.Save(model, InputOf(model, inputSchema), path),
            ScorerOf(model)?.Model.Facts.ToJson(), best);
    }

    /// <summary>
    /// The columns that scoring needs, where every transformer has a part in it; else all: a step that makes labels is
    /// saved too and asks for its column.
    /// </summary>
    private static DataViewSchema InputOf(ITransformer model, DataViewSchema schema)
    {
        if (schema is null || ScorerOf(model) is null)
        {
            return schema!;
        }
        (List<ITransformer> steps, List<string> columns) =
            TransformerSteps.ForScoring(model, schema, s => s is SpeechScoringTransformer);
        return steps.Count == TransformerSteps.Flatten(model).Count()
            ? TransformerSteps.Saved(TransformerSteps.Part(schema, columns), schema) : schema;
    }

    /// <summary>What the report will lack is said while it can still be given.</summary>
    private static void Warn(SpeechRun run, IHostEnvironment env)
    {
        using IChannel channel = env.Start(nameof(Complete));
        foreach (string gap in RunGaps.Of(run))
        {
            channel.Warning("run '{0}': {1}", run.Name, gap);
        }
    }

    private static bool HasRows(IDataView data)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([]);
        return cursor.MoveNext();
    }

    /// <summary>The fine-tuned model among the transformers of a chain.</summary>
    private static SpeechScoringTransformer? ScorerOf(ITransformer model) =>
        Flat(model).OfType<SpeechScoringTransformer>().LastOrDefault();

    /// <summary>
    /// The task of the fine-tuned model whose scores the columns are; <see langword="null"/> where another trainer made
    /// them, perhaps from the scores of one.
    /// </summary>
    private static TaskDescription? TaskOf(ITransformer model) =>
        Flat(model).LastOrDefault(t => t is SpeechScoringTransformer
            or (IPredictionTransformer<object> and not IPredictionTransformer<ICalibrator>))
            is SpeechScoringTransformer scorer ? TaskDescription.Saved(scorer.Model.Facts.Task) : null;

    private static IEnumerable<ITransformer> Flat(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [model];
}
