using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.AudioColumns;
using SpeechML.Data.DataViews;
using SpeechML.Data.Measures;

namespace SpeechML;

/// <summary>
/// Base of the transformers that make a vector of named numbers of each clip; they run ahead on other threads. The
/// names are the slots' (<c>SlotNames</c>), the units the annotation <c>Units</c>, a text for each slot.
/// </summary>
public abstract class AudioMeasuringTransformer : ColumnTransformer<MLAudio, float[]>
{
    internal const string Units = "Units";

    private static readonly JsonSerializerOptions s_json = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
    };

    private protected AudioMeasuringTransformer(IHost host, string outputColumnName, string inputColumnName)
        : base(host, outputColumnName, inputColumnName)
    {
    }

    /// <summary>Name and unit of each slot.</summary>
    private protected abstract IReadOnlyList<(string Name, string Unit)> Slots { get; }

    private protected sealed override DataViewType InputType => AudioDataViewType.Instance;

    private protected sealed override DataViewType OutputType =>
        new VectorDataViewType(NumberDataViewType.Single, Slots.Count);

    /// <summary>The options, as model zips keep them.</summary>
    private protected abstract object SavedOptions { get; }

    /// <summary>What model zips call the transform.</summary>
    internal abstract string Signature { get; }

    internal string OptionsText => JsonSerializer.Serialize(SavedOptions, SavedOptions.GetType(), s_json);

    /// <summary>Measures a clip; called from several threads.</summary>
    private protected abstract IEnumerable<double> Measure(MLAudio audio);

    private protected sealed override float[] ProcessOne(MLAudio row) => row is null
        ? throw new InvalidOperationException($"Column '{InputColumnName}': expected audio, got nothing.")
        : [.. Measure(row).Select(v => (float)v)];

    private protected sealed override IEnumerable<float[]> Process(IEnumerable<MLAudio> rows) =>
        ReadAheadRows.Map(rows, ProcessOne, values => values.Length);

    private protected sealed override Delegate MakeGetter(int column, Func<float[]> current) =>
        VectorColumn.Getter(current);

    private protected sealed override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        new LabelValues("Text", [.. Slots.Select(s => s.Name)]).AddTo(annotations, AnnotationUtils.Kinds.SlotNames);
        new LabelValues("Text", [.. Slots.Select(s => s.Unit)]).AddTo(annotations, Units);
        if (AugmentedAudio.IsMarked(inputSchema[InputColumnName]))
        {
            annotations.Add(AugmentedAudio.Annotate(), _ => true);
        }
        return [new DataViewSchema.DetachedColumn(OutputColumnName, OutputType, annotations.ToAnnotations())];
    }

    /// <summary>The shape of the data behind the transformer, with the names of the slots.</summary>
    internal SchemaShape GetNamedShape(SchemaShape input)
    {
        Dictionary<string, SchemaShape.Column> columns =
            GetOutputShape(input).ToDictionary(c => c.Name, StringComparer.Ordinal);
        columns[OutputColumnName] = MeasureShapes.Vector(OutputColumnName);
        return new SchemaShape(columns.Values);
    }

    private protected void Save(ModelSaveContext ctx)
    {
        SaveColumns(ctx);
        ctx.SaveNonEmptyString(OptionsText);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">The options are not those of a transformer.</exception>
    private protected static TTransformer Load<TTransformer>(
        ModelLoadContext ctx, Func<string, string, string, TTransformer> create)
    {
        string output = ctx.LoadNonEmptyString();
        string input = ctx.LoadNonEmptyString();
        return create(output, input, ctx.LoadNonEmptyString());
    }

    /// <summary>A transformer by its options, JSON.</summary>
    /// <exception cref="FormatException">The options are not those of a transformer.</exception>
    private protected static TTransformer Create<TTransformer, TOptions>(
        string json, string transform, Func<TOptions, TTransformer> create)
        where TOptions : class
    {
        try
        {
            return create(JsonSerializer.Deserialize<TOptions>(json, s_json)
                ?? throw ModelEntry.Wrong($"options of {transform}", "a JSON object", json));
        }
        catch (JsonException e)
        {
            throw ModelEntry.Wrong($"options of {transform}", "those that SpeechML writes", e.Message);
        }
        catch (ArgumentException e)
        {
            throw ModelEntry.Wrong($"options of {transform}", "valid ones", e.Message);
        }
    }
}
