using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Tasks;
using SpeechML.Tasks.Ordinal;

namespace SpeechML;

/// <summary>
/// A fine-tuned speech classifier: class probabilities and the most probable class, or, of classes with an order, their
/// median.
/// </summary>
public sealed class SpeechClassificationTransformer : SpeechScoringTransformer
{
    internal const string LoaderSignature = "SpeechClassification";

    private readonly string _scoreColumnName;
    private readonly string _predictedLabelColumnName;

    internal SpeechClassificationTransformer(
        IHostEnvironment env, string audioColumnName, string scoreColumnName, string predictedLabelColumnName,
        SpeechModel model)
        : base(env.Register(nameof(SpeechClassificationTransformer)), audioColumnName, model)
    {
        _scoreColumnName = scoreColumnName;
        _predictedLabelColumnName = predictedLabelColumnName;
    }

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static SpeechClassificationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: audio column name
        // string: score column name
        // string: predicted label column name
        // SpeechModel
        ctx.CheckAtModel(GetVersionInfo());
        string audio = ctx.LoadNonEmptyString();
        string score = ctx.LoadNonEmptyString();
        string predicted = ctx.LoadNonEmptyString();
        return new SpeechClassificationTransformer(env, audio, score, predicted, SpeechModel.LoadNamed(env, ctx));
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(InputColumnName);
        ctx.SaveNonEmptyString(_scoreColumnName);
        ctx.SaveNonEmptyString(_predictedLabelColumnName);
        Model.Save(ctx);
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        LabelValues labels = Model.Facts.Labels!;
        var keys = new DataViewSchema.Annotations.Builder();
        labels.AddTo(keys, AnnotationUtils.Kinds.KeyValues);
        var score = new DataViewSchema.Annotations.Builder();
        ScoreAnnotations.Add(score, inputSchema, AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification,
            AnnotationUtils.Const.ScoreValueKind.Score);
        labels.AddTo(score, AnnotationUtils.Kinds.TrainingLabelValues);
        if (labels.IsText)
        {
            labels.AddTo(score, AnnotationUtils.Kinds.SlotNames);
        }
        return
        [
            new DataViewSchema.DetachedColumn(
            _predictedLabelColumnName, new KeyDataViewType(typeof(uint), labels.Values.Length), keys.ToAnnotations()),
            new DataViewSchema.DetachedColumn(
            _scoreColumnName, new VectorDataViewType(NumberDataViewType.Single, labels.Values.Length),
            score.ToAnnotations()),
        ];
    }

    private protected override Delegate MakeGetter(int column, Func<float[]> current) => column == 0
        ? (ValueGetter<uint>)((ref uint value) => value = (uint)Class(current()) + 1)
        : VectorColumn.Getter(() => Array.ConvertAll(Probabilities(current()), p => (float)p));

    // Keys count from 1; these numbers from 0.
    private int Class(float[] outputs) => Model.Ordinal is { } objective
        ? OrdinalProbabilities.Class(OrdinalProbabilities.Above(objective, outputs))
        : Array.IndexOf(outputs, outputs.Max());

    private double[] Probabilities(float[] outputs) => Model.Ordinal is { } objective
        ? OrdinalProbabilities.Proper(OrdinalProbabilities.Above(objective, outputs))
        : OutputScores.Softmax(outputs);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHCLAS",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SpeechClassificationTransformer).Assembly.FullName);
}
