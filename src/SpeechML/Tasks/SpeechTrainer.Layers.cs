using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Metadata;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Tasks;
using SpeechML.Training;
using SpeechML.Training.Caching;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <content>The choice of layers on the training clips.</content>
public abstract partial class SpeechTrainer<TTransformer>
{
    /// <summary>What a linear model on fixed features minimises for the task.</summary>
    private protected virtual LinearObjective LinearModel(TaskData data) => new(CreateLoss(data), true);

    /// <summary>What layers are compared by.</summary>
    private SpeechMetric LayerMetric => TaskDescription.Of(Options)?.LayerMetric ?? SpeechMetrics.RocAuc;

    private LayerChoice? ChooseLayers(
        IDataView input, LabelValues labels, IChannel channel, FitContext? context, ChoiceSettings settings)
    {
        if (Options.Layers != EncoderLayers.Auto)
        {
            return null;
        }
        LabelRows rows = ReadLabels(input);
        CheckTargets(rows.Rated, labels);
        Warn(channel, rows.Rated, labels);
        void CheckAlive() => ThrowIfCancelled(context);
        SpeechTrainingOptions every = Options.Copy();
        (every.Layers, every.LayerCombination, every.Pooling) =
            (EncoderLayers.All, LayerCombination.Concatenate, SpeechPooling.MeanStd);
        (int[] subjects, string column) = Subjects(input, rows, channel);
        SpeechEncodingOptions encoding = every.Encoding;
        settings.Ask(encoding);
        using SpeechModel whole = SpeechModel.FromPretrained(
            TrainerHost, encoding, null, Options.SeedInUse, null, _cancellation);
        EncoderFreezing.Whole(whole.Network.Encoder);
        using ActivationCache? own = context is null && ActivationCacheFolder.Open(every.Encoding) is { } files
            ? new ActivationCache(null, files) : null;
        ActivationSource source = new(whole.Network, CachePoint.Pooled,
            (context?.Cache ?? own)?.Of(whole.Network, CachePoint.Pooled, every.Encoding));
        TrainingSet clips = Read(input, rows, whole, source, settings.Seen, CheckAlive);
        try
        {
            var table = FeatureTable.Of(
                clips, whole.Network.HighestLayer, whole.Network.Encoder.Config.HiddenSize);
            bool frozen = Options.Freezing == LayerFreezing.All && Options.Lora.Rank == 0;
            NetworkPlan plan = Plan(labels);
            LinearObjective objective = LinearModel(Describe(rows.Rated, labels));
            var probe = new LayerProbe(table, objective, plan.Outputs);
            bool several = TaskDescription.Of(Options) is { HasClasses: false } && labels.Values.Length > 1;
            var clock = System.Diagnostics.Stopwatch.StartNew();
            LayerSearch search = probe.Run(
                subjects, column, several ? labels.Values : [LabelColumnName],
                frozen, LayerMetric, Evaluated, Options.SeedInUse, CheckAlive);
            var choice = new LayerChoice(Options, search, table, probe, objective, LayerMetric);
            channel.Info("Layers: {0}; by {1} on {2} inner folds of {3} clips{4}, in {5:F1} s",
                choice.Search.Summary(), LayerMetric.DisplayName, search.Folds, search.Clips,
                column.Length > 0 ? $" by '{column}'" : "", clock.Elapsed.TotalSeconds);
            channel.Info("{0}", choice.Search.Table());
            if (search.Note.Length > 0)
            {
                channel.Warning("Layers: {0}.", search.Note);
            }
            return choice;
        }
        catch
        {
            clips.Dispose();
            throw;
        }
    }

    /// <summary>What the choice needs of a fit.</summary>
    /// <param name="Seen">What tells the training clips from others.</param>
    /// <param name="Ask">Tells encoding options of how long the clips are.</param>
    private sealed record ChoiceSettings(Fingerprint Seen, Action<SpeechEncodingOptions> Ask);

    private (int[] Subjects, string Column) Subjects(IDataView input, LabelRows rows, IChannel channel)
    {
        string column = Options.SubjectColumnName;
        if (column.Length == 0)
        {
            channel.Warning(
                "Layers are compared on inner folds of single clips, because {0} is not set: where a subject has " +
                "several clips, set it, so that no layer is chosen because it knows voices.",
                nameof(Options.SubjectColumnName));
            return ([.. Enumerable.Range(0, rows.Rated.Count)], "");
        }
        SchemaChecks.Find(SchemaShape.Create(input.Schema), "subject", column, TextDataViewType.Instance);
        string[] all = [.. input.GetColumn<ReadOnlyMemory<char>>(column).Select(v => v.ToString())];
        string[] rated = [.. all.Where((_, i) => i < rows.Rows.Count && rows.Rows[i] is not null)];
        string[] names = Spelling.Unify(rated);
        string[] order = [.. names.Distinct().Order(StringComparer.Ordinal)];
        return ([.. names.Select(n => Array.BinarySearch(order, n, StringComparer.Ordinal))], column);
    }
}
