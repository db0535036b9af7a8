using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using SpeechML.Data.Extras;
using SpeechML.Data.Onnx;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;
using SpeechML.OnnxConverter.Networks;

namespace SpeechML.OnnxConverter.Chains;

/// <summary>Writes speech transformers into the ONNX model that ML.NET's converter makes of a chain.</summary>
internal sealed class ContextConverter : IOnnxConverter
{
    public bool Takes(ITransformer transformer) =>
        transformer is SpeechScoringTransformer or SpeechEncodingTransformer || ScoreStepGraph.Takes(transformer);

    public void Save(OnnxContext context, ITransformer transformer)
    {
        context.CheckOpSetVersion(GraphBuilder.OperatorSet, transformer.GetType().Name);
        switch (transformer)
        {
            case SpeechScoringTransformer scorer:
                SaveSpeech(context, scorer, scorer.Model, scorer.AudioColumn);
                break;
            case SpeechEncodingTransformer encoder:
                SaveSpeech(context, encoder, encoder.Model, encoder.InputColumnName);
                break;
            default:
                SaveStep(context, transformer);
                break;
        }
    }

    private static void SaveSpeech(OnnxContext context, ITransformer transformer, SpeechModel model, string audioColumn)
    {
        model.Network.ThrowIfDisposed();
        using var use = model.Network.BeginUse();
        ExtraFeature[] features = ChainGraph.Features(model);
        DataViewSchema schema = ChainGraph.Schema(audioColumn, features);
        DataViewSchema.Column[] made = [.. transformer.GetOutputSchema(schema).Skip(schema.Count)];
        if (made[0].Type is VectorDataViewType { IsKnownSize: false })
        {
            throw new NotSupportedException(
                $"ONNX converter, column '{made[0].Name}': expected pooled features, of which ML.NET knows the size, " +
                "got frames. SaveOnnx writes a featuriser of frames.");
        }
        var graph = new GraphBuilder();
        string audio = context.GetVariableName(audioColumn);
        // ML.NET has one input for a clip: its samples are its length, and clips of a batch have one.
        string shape = graph.Op("Shape", audio);
        string lengths = graph.Op("Expand", graph.Slice(shape, 0, 1, 2), graph.Slice(shape, 0, 0, 1));
        string[] numbers = [.. features.Select(f => context.GetVariableName(f.Column))];
        NetworkGraph network = NetworkGraph.Build(graph, model, audio, lengths, features.Length == 0 ? null
            : graph.Concat(1, [.. numbers.Select(n => graph.Cast(n, ElementType.Float))]));
        Dictionary<string, ColumnValue> values = transformer is SpeechScoringTransformer scorer
            ? TaskGraph.Build(graph, scorer, network.Result, [.. made.Select(c => c.Name)])
            : new() { [made[0].Name] = new ColumnValue(network.Result, ElementType.Float, 0) };
        Dictionary<string, string> inputs = numbers.Append(audio).ToDictionary(n => n, n => n, StringComparer.Ordinal);
        Write(context, graph, inputs, [.. made.Select(c => (c.Name, c.Type, values[c.Name].Value))]);
    }

    private static void SaveStep(OnnxContext context, ITransformer step)
    {
        var graph = new GraphBuilder();
        (string[] read, (string Name, DataViewType Type)[] made) = Columns(step);
        var inputs = read.ToDictionary(name => name, context.GetVariableName, StringComparer.Ordinal);
        var values = read.ToDictionary(
            name => name, name => new ColumnValue(name, ElementType.Float, Size(step)), StringComparer.Ordinal);
        ScoreStepGraph.Add(graph, step, values);
        Write(context, graph, inputs, [.. made.Select(m => (m.Name, m.Type, values[m.Name].Value))]);
    }

    private static long Size(ITransformer step) => step switch
    {
        ProbabilityCalibrationTransformer calibration => calibration.Labels.Count,
        ThresholdTransformer threshold => threshold.Thresholds.Count,
        _ => ((ProbabilityTemperatureTransformer)step).Classes,
    };

    private static (string[] Read, (string Name, DataViewType Type)[] Made) Columns(ITransformer step)
    {
        int size = (int)Size(step);
        var numbers = new VectorDataViewType(NumberDataViewType.Single, size);
        var flags = new VectorDataViewType(BooleanDataViewType.Instance, size);
        switch (step)
        {
            case ProbabilityCalibrationTransformer { Columns: var c }:
                return ([c.Scores], [(c.Probabilities, numbers), (c.PredictedLabels, flags)]);
            case ThresholdTransformer { IsVector: true, Columns: var c }:
                return ([c.Probability], [(c.PredictedLabel, flags)]);
            case ThresholdTransformer { Columns: var c }:
                (string, DataViewType)[] decision = [(c.PredictedLabel, BooleanDataViewType.Instance)];
                return ([c.Probability],
                    c.Score.Length == 0 ? decision : [.. decision, (c.Score, NumberDataViewType.Single)]);
            default:
                string score = ((ProbabilityTemperatureTransformer)step).ScoreColumn;
                return ([score], [(score, numbers)]);
        }
    }

    // Copies a graph into the context, whose names are its own.
    private static void Write(
        OnnxContext context, GraphBuilder graph, Dictionary<string, string> names,
        IReadOnlyList<(string Column, DataViewType Type, string Value)> made)
    {
        foreach (GraphConstant constant in graph.Constants)
        {
            names.Add(constant.Name, Constant(context, constant));
        }
        foreach (GraphNode node in graph.Nodes)
        {
            foreach (string output in node.Outputs)
            {
                names.Add(output, context.AddIntermediateVariable(null, made[0].Column + "/" + output, true));
            }
            OnnxNode copy = context.CreateNode(
                node.Operator, node.Inputs.Select(i => names[i]), node.Outputs.Select(o => names[o]),
                context.GetNodeName(node.Name), "");
            foreach ((string name, object value) in node.Attributes)
            {
                Attribute(copy, node, name, value);
            }
        }
        foreach ((string column, DataViewType type, string value) in made)
        {
            string output = context.AddIntermediateVariable(type, column, false);
            context.CreateNode("Identity", [names[value]], [output], context.GetNodeName("Identity"), "");
        }
    }

    private static void Attribute(OnnxNode copy, GraphNode node, string name, object value)
    {
        switch (value)
        {
            case long type when node.Operator == "Cast":
                copy.AddAttribute(name, (ElementType)type switch
                {
                    ElementType.Float => typeof(float),
                    ElementType.Double => typeof(double),
                    ElementType.UInt32 => typeof(uint),
                    _ => typeof(long),
                });
                break;
            case long number:
                copy.AddAttribute(name, number);
                break;
            case long[] numbers:
                copy.AddAttribute(name, numbers);
                break;
            case float number:
                copy.AddAttribute(name, number);
                break;
            default:
                copy.AddAttribute(name, (string)value);
                break;
        }
    }

    private static string Constant(OnnxContext context, GraphConstant constant)
    {
        bool scalar = constant.Shape.Length == 0;
        return constant.Values switch
        {
            float[] values => scalar ? context.AddInitializer(values[0], constant.Name, true)
                : context.AddInitializer(values, constant.Shape, constant.Name, true),
            double[] values => scalar ? context.AddInitializer(values[0], constant.Name, true)
                : context.AddInitializer(values, constant.Shape, constant.Name, true),
            long[] values => scalar ? context.AddInitializer(values[0], constant.Name, true)
                : context.AddInitializer(values, constant.Shape, constant.Name, true),
            _ => throw new InvalidOperationException($"Unknown constant {constant.Type}."),
        };
    }
}
