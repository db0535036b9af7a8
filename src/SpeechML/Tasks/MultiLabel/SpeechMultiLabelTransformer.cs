using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Tasks;

namespace SpeechML;

/// <summary>A fine-tuned multi-label speech classifier: per label a logit, a probability and a decision.</summary>
public sealed class SpeechMultiLabelTransformer : SpeechScoringTransformer
{
    internal const string LoaderSignature = "SpeechMultiLabel";

    private readonly string _scoreColumnName;
    private readonly string _probabilityColumnName;
    private readonly string _predictedLabelColumnName;

    internal SpeechMultiLabelTransformer(
        IHostEnvironment env, string audioColumnName, string scoreColumnName, string probabilityColumnName,
        string predictedLabelColumnName, SpeechModel model)
        : base(env.Register(nameof(SpeechMultiLabelTransformer)), audioColumnName, model)
    {
        _scoreColumnName = scoreColumnName;
        _probabilityColumnName = probabilityColumnName;
        _predictedLabelColumnName = predictedLabelColumnName;
    }

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static SpeechMultiLabelTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: audio column name
        // string: score column name
        // string: probability column name
        // string: predicted label column name
        // SpeechModel
        ctx.CheckAtModel(GetVersionInfo());
        string audio = ctx.LoadNonEmptyString();
        string score = ctx.LoadNonEmptyString();
        string probability = ctx.LoadNonEmptyString();
        string predicted = ctx.LoadNonEmptyString();
        return new SpeechMultiLabelTransformer(
            env, audio, score, probability, predicted, SpeechModel.LoadNamed(env, ctx));
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(InputColumnName);
        ctx.SaveNonEmptyString(_scoreColumnName);
        ctx.SaveNonEmptyString(_probabilityColumnName);
        ctx.SaveNonEmptyString(_predictedLabelColumnName);
        Model.Save(ctx);
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        LabelValues labels = Model.Facts.Labels!;
        var slots = new DataViewSchema.Annotations.Builder();
        labels.AddTo(slots, AnnotationUtils.Kinds.SlotNames);
        DataViewSchema.Annotations names = slots.ToAnnotations();
        var numbers = new VectorDataViewType(NumberDataViewType.Single, labels.Values.Length);
        return
        [
            new DataViewSchema.DetachedColumn(_scoreColumnName, numbers, names),
            new DataViewSchema.DetachedColumn(_probabilityColumnName, numbers, names),
            new DataViewSchema.DetachedColumn(
            _predictedLabelColumnName, new VectorDataViewType(BooleanDataViewType.Instance, labels.Values.Length),
            names),
        ];
    }

    private protected override Delegate MakeGetter(int column, Func<float[]> current) => column switch
    {
        0 => VectorColumn.Getter(current),
        1 => VectorColumn.Getter(() => OutputScores.Sigmoid(current())),
        _ => VectorColumn.Getter(() => Array.ConvertAll(current(), x => x >= 0)),
    };

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHMLAB",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SpeechMultiLabelTransformer).Assembly.FullName);
}
