using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML;

/// <summary>
/// What <see cref="ThresholdEstimator"/> gives: decisions, and for one label a score that has the decision's sign.
/// </summary>
public sealed class ThresholdTransformer : ScoreTransformer
{
    private const uint VersionWithScore = 0x00010002;

    internal const string LoaderSignature = "SpeechData.Thresholds";

    private readonly string _probability;
    private readonly string _predictedLabel;
    private readonly string _score; // empty for several labels, and in zips that were written before there was one
    private readonly bool _vector;
    private readonly double[] _thresholds;

    internal ThresholdTransformer(
        IHostEnvironment env, string probabilityColumnName, string predictedLabelColumnName,
        string scoreColumnName, bool vector, double[] thresholds)
        : base(env.Register(nameof(ThresholdTransformer)))
    {
        (_probability, _predictedLabel, _score, _vector, _thresholds) =
            (probabilityColumnName, predictedLabelColumnName, scoreColumnName, vector, thresholds);
    }

    /// <summary>Per label: probabilities from here up are positive.</summary>
    public IReadOnlyList<double> Thresholds => _thresholds;

    /// <summary>The columns: probabilities, predicted labels, and scores, empty where none are made.</summary>
    internal (string Probability, string PredictedLabel, string Score) Columns =>
        (_probability, _predictedLabel, _score);

    internal bool IsVector => _vector;

    private protected override IReadOnlyList<string> InputColumnNames => [_probability];

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static ThresholdTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: probability column name
        // string: predicted label column name
        // byte: 1 for a vector, 0 for one label
        // int: number of labels
        // double[]: thresholds
        // string: score column name, from version 0x00010002 on; may be empty
        ctx.CheckAtModel(GetVersionInfo());
        string probability = ctx.LoadNonEmptyString();
        string predicted = ctx.LoadNonEmptyString();
        bool vector = ctx.Reader.ReadByte() == 1;
        int count = ModelEntry.ReadCount(ctx, "thresholds", sizeof(double), min: 1);
        double[] thresholds = [.. Enumerable.Range(0, count).Select(_ => ModelEntry.ReadFinite(ctx, "threshold"))];
        string score = ctx.Header.ModelVerWritten >= VersionWithScore ? ctx.LoadString() : "";
        return new ThresholdTransformer(env, probability, predicted, score, vector, thresholds);
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(_probability);
        ctx.SaveNonEmptyString(_predictedLabel);
        ctx.Writer.Write((byte)(_vector ? 1 : 0));
        ctx.Writer.Write(_thresholds.Length);
        Array.ForEach(_thresholds, ctx.Writer.Write);
        ctx.SaveString(_score);
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        if (_vector)
        {
            DataViewSchema.Annotations names = SlotNames(Vector(inputSchema, _probability, _thresholds.Length));
            return [new DataViewSchema.DetachedColumn(
                _predictedLabel, new VectorDataViewType(BooleanDataViewType.Instance, _thresholds.Length), names)];
        }
        DataViewSchema.Column probability = inputSchema.GetColumnOrNull(_probability)
            ?? throw Host.ExceptSchemaMismatch(nameof(inputSchema), "probability", _probability);
        var decision = new DataViewSchema.DetachedColumn(_predictedLabel, BooleanDataViewType.Instance);
        return probability.Type.Equals(NumberDataViewType.Single)
            ? _score.Length == 0 ? [decision] : [decision, new DataViewSchema.DetachedColumn(
                _score, NumberDataViewType.Single, inputSchema.GetColumnOrNull(_score)?.Annotations)]
            : throw Host.ExceptSchemaMismatch(nameof(inputSchema), "probability", _probability, "Single",
                probability.Type.ToString());
    }

    private protected override Delegate MakeGetter(DataViewRow input, int column)
    {
        if (_vector)
        {
            Func<float[]> probabilities = Reader(input, _probability);
            return VectorColumn.Getter(() => (bool[])[.. probabilities().Zip(_thresholds, (p, t) => p >= t)]);
        }
        ValueGetter<float> probability = input.GetGetter<float>(input.Schema[_probability]);
        if (column == 0)
        {
            return (ValueGetter<bool>)((ref bool value) =>
            {
                float p = 0;
                probability(ref p);
                value = p >= _thresholds[0];
            });
        }
        return (ValueGetter<float>)((ref float value) =>
        {
            float p = 0;
            probability(ref p);
            value = Score(p, _thresholds[0]);
        });
    }

    // Above 0 where the label is decided to be present: ML.NET's binary evaluator goes by that. The order is kept.
    private static float Score(float probability, double threshold) =>
        probability == threshold ? float.Epsilon : (float)(probability - threshold);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHTHRE",
        verWrittenCur: VersionWithScore,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ThresholdTransformer).Assembly.FullName);
}
