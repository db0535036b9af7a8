using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using SpeechML.Data.Extras;
using SpeechML.Data.Measures;
using SpeechML.Data.Onnx;
using SpeechML.Data.Scoring;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;
using SpeechML.OnnxConverter.Networks;
using SpeechML.Recordings;

namespace SpeechML.OnnxConverter.Chains;

/// <summary>A model, with the steps behind it, as an ONNX graph of its own.</summary>
internal sealed class ChainGraph
{
    private const string Batch = "batch";

    private ChainGraph(GraphBuilder graph, IReadOnlyList<(string Key, string Value)> metadata)
    {
        Graph = graph;
        Metadata = metadata;
    }

    public GraphBuilder Graph { get; }

    public IReadOnlyList<(string Key, string Value)> Metadata { get; }

    /// <summary>Builds the graph of a chain, from the audio column on.</summary>
    /// <exception cref="ArgumentException">There is not one speech model in it.</exception>
    /// <exception cref="NotSupportedException">A part of it cannot be converted; names it.</exception>
    public static ChainGraph Of(ITransformer chain, SpeechOnnxOptions options)
    {
        ITransformer[] steps = [.. TransformerSteps.Flatten(chain)];
        ITransformer speech = Find(steps);
        ITransformer[] behind = [.. steps.SkipWhile(s => s != speech).Skip(1)];
        if (Array.Find(behind, s => !ScoreStepGraph.Takes(s) && s is not KeyToValueMappingTransformer) is { } refused)
        {
            throw ScoreStepGraph.Refused(refused);
        }
        (SpeechModel model, string audioColumn) = speech switch
        {
            SpeechScoringTransformer scorer => (scorer.Model, scorer.AudioColumn),
            _ => (((SpeechEncodingTransformer)speech).Model, ((SpeechEncodingTransformer)speech).InputColumnName),
        };
        model.Network.ThrowIfDisposed();
        using var use = model.Network.BeginUse();
        ExtraFeature[] features = Features(model);
        DataViewSchema schema = Schema(audioColumn, features);
        DataViewSchema own = speech.GetOutputSchema(schema);
        DataViewSchema all = behind.Aggregate(own, (s, step) => step.GetOutputSchema(s));
        OnnxColumn[] columns = [.. all.Where(c => !c.IsHidden && schema.GetColumnOrNull(c.Name) is null)
            .Select(OnnxColumn.Of)];

        var graph = new GraphBuilder(options.HalfWeights);
        string audio = graph.Input(OnnxParts.AudioInput, ElementType.Float, Batch, "samples");
        string lengths = graph.Input(OnnxParts.LengthsInput, ElementType.Int64, Batch);
        NetworkGraph network = NetworkGraph.Build(graph, model, audio, lengths, features.Length == 0 ? null
            : graph.Input(OnnxParts.FeaturesInput, ElementType.Float, Batch, (long)features.Sum(f => f.Size)));
        if (speech is SpeechScoringTransformer scoring)
        {
            string[] names = [.. own.Skip(schema.Count).Select(c => c.Name)];
            Dictionary<string, ColumnValue> values = TaskGraph.Build(graph, scoring, network.Result, names);
            DataViewSchema current = own;
            foreach (ITransformer step in behind)
            {
                DataViewSchema next = step.GetOutputSchema(current);
                if (step is KeyToValueMappingTransformer)
                {
                    KeyTextGraph.Add(graph, current, next, values);
                }
                else
                {
                    ScoreStepGraph.Add(graph, step, values);
                }
                current = next;
            }
            using IDisposable scope = graph.Scope(OnnxParts.Output);
            foreach (OnnxColumn column in columns)
            {
                ColumnValue value = values[column.Name];
                graph.Output(value.Value, column.Name, value.Type, Batch, value.Size);
            }
        }
        else
        {
            Features(graph, columns[0], network, model);
        }
        if (options.Frames || columns[0].Size < 0)
        {
            Frames(graph, network, model, options.Frames && columns[0].Size >= 0);
        }
        ITransformer[] before = [.. steps.TakeWhile(s => s != speech)];
        return new ChainGraph(graph, Describe(model, audioColumn, columns, features, before));
    }

    private static void Features(GraphBuilder graph, OnnxColumn column, NetworkGraph network, SpeechModel model)
    {
        object[] shape = column.Size < 0 ? [Batch, "frames", FrameSize(model)] : [Batch, (long)column.Size];
        graph.Output(network.Result, column.Name, ElementType.Float, shape);
    }

    private static void Frames(GraphBuilder graph, NetworkGraph network, SpeechModel model, bool values)
    {
        if (values)
        {
            graph.Output(OnnxParts.Frames, "Frames", ElementType.Float, Batch, "frames", FrameSize(model));
        }
        graph.Output(network.FrameLengths, OnnxParts.FrameLengthsOutput, ElementType.Int64, Batch);
    }

    private static long FrameSize(SpeechModel model) =>
        model.Network.Encoder.Config.HiddenSize * (long)model.Network.Mix.Width;

    private static ITransformer Find(ITransformer[] steps)
    {
        ITransformer[] found =
            [.. steps.Where(s => s is SpeechScoringTransformer or SpeechEncodingTransformer)];
        return found is [var one] ? one : throw new ArgumentException(
            $"ONNX converter: expected a chain with one speech model or featuriser, got {found.Length} in " +
            $"{string.Join(", ", steps.Select(s => s.GetType().Name))}.", nameof(steps));
    }

    /// <summary>The columns of numbers that a model is given beside the audio.</summary>
    public static ExtraFeature[] Features(SpeechModel model) =>
        model.Network.Extra is null ? [] : model.Facts.ExtraFeatures!;

    /// <summary>A schema of an audio column and columns of numbers.</summary>
    public static DataViewSchema Schema(string audioColumn, IEnumerable<ExtraFeature> features)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(audioColumn, AudioDataViewType.Instance);
        foreach (ExtraFeature feature in features)
        {
            builder.AddColumn(feature.Column, feature.Size == 1 ? NumberDataViewType.Single
                : new VectorDataViewType(NumberDataViewType.Single, feature.Size));
        }
        return builder.ToSchema();
    }

    // What measures the audio that the model is given, where no other step may have changed audio or measures since.
    private static MeasuringRecipe[] Measurings(
        ITransformer[] before, string audioColumn, ExtraFeature[] features) =>
        [.. before.Reverse()
            .TakeWhile(s => s is AudioMeasuringTransformer or AudioAugmentationTransformer
                or ValueToKeyMappingTransformer)
            .OfType<AudioMeasuringTransformer>()
            .Where(m => m.InputColumnName == audioColumn && features.Any(f => f.Column == m.OutputColumnName))
            .DistinctBy(m => m.OutputColumnName).Select(MeasuringRecipe.Of)];

    private static List<(string Key, string Value)> Describe(
        SpeechModel model, string audioColumn, OnnxColumn[] columns, ExtraFeature[] features,
        ITransformer[] before)
    {
        MeasuringRecipe[] measurings = Measurings(before, audioColumn, features);
        AudioStep[] audio = AudioStep.Of(before, audioColumn, out AudioLoadingOptions? loading);
        SpeechNetwork network = model.Network;
        LongAudioLimits limits = network.LongAudio;
        EncoderConfig config = network.Encoder.Config;
        // SEW takes no clip that gives fewer frames than it squeezes into one.
        long first = config.MinSamples - ((config.FrameCount(config.MinSamples) - 1) * config.Hop);
        var description = new OnnxDescription
        {
            AudioColumn = audioColumn,
            Columns = columns,
            Features = features.Length == 0 ? null : features,
            Measurings = measurings.Length == 0 ? null : measurings,
            Loading = loading,
            Steps = audio.Length == 0 ? null : audio,
            Pooling = PoolingGraph.KindOf(network.Pooling, model.Facts.Pooling),
            FrameSize = (int)FrameSize(model),
            Outputs = model.Facts.Head is null ? 0 : model.Facts.Outputs,
            Form = network.OutputForm,
            Limits = new OnnxLimits
            {
                Family = config.ModelType,
                SampleRate = config.SampleRate,
                MinSamples = checked((int)config.MinSamples),
                FirstFrame = first == config.MinSamples ? null : checked((int)first),
                Hop = config.Hop,
                Whole = limits.Whole == long.MaxValue ? null : limits.Whole,
                // Scoring takes all of a clip that training takes a piece of.
                Rule = limits.Cuts ? LongAudioRule.Windows : limits.Rule,
                Window = limits.Window,
                Step = limits.Step,
                PoolsTogether = limits.PoolsTogether,
                Normalizes = Encoders.EncoderGraph.Of(network.Encoder).NormalizesWaveform(network.Encoder),
            },
        };
        List<(string, string)> metadata =
        [
            (OnnxParts.FormatKey, FormattableString.Invariant($"{OnnxDescription.CurrentFormat}")),
            (OnnxParts.SampleRateKey, FormattableString.Invariant($"{config.SampleRate}")),
            (OnnxParts.DescriptionKey, description.ToJson()),
            (OnnxParts.ManifestKey, model.Facts.ToJson()),
        ];
        if (model.Facts.Labels is { } labels)
        {
            metadata.Insert(1, (OnnxParts.LabelsKey, JsonSerializer.Serialize(labels.Values)));
        }
        if (features.Length > 0)
        {
            metadata.Insert(1, (OnnxParts.FeaturesKey, JsonSerializer.Serialize(features.SelectMany(f => f.Names))));
        }
        return metadata;
    }
}
