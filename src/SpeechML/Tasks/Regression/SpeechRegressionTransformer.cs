using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Tasks;

namespace SpeechML;

/// <summary>
/// A fine-tuned speech regression model: a number per clip. Where it gives several (its label column was a vector, or
/// it is of the Hub: <see cref="SpeechModelCatalog"/>), the score is a vector, whose slots have the labels' names.
/// </summary>
public sealed class SpeechRegressionTransformer : SpeechScoringTransformer
{
    internal const string LoaderSignature = "SpeechRegression";

    private readonly string _scoreColumnName;

    internal SpeechRegressionTransformer(
        IHostEnvironment env, string audioColumnName, string scoreColumnName, SpeechModel model)
        : base(env.Register(nameof(SpeechRegressionTransformer)), audioColumnName, model)
    {
        _scoreColumnName = scoreColumnName;
    }

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static SpeechRegressionTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: audio column name
        // string: score column name
        // SpeechModel
        ctx.CheckAtModel(GetVersionInfo());
        string audio = ctx.LoadNonEmptyString();
        string score = ctx.LoadNonEmptyString();
        return new SpeechRegressionTransformer(env, audio, score, SpeechModel.LoadNumbers(env, ctx));
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(InputColumnName);
        ctx.SaveNonEmptyString(_scoreColumnName);
        Model.Save(ctx);
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        var score = new DataViewSchema.Annotations.Builder();
        ScoreAnnotations.Add(score, inputSchema, AnnotationUtils.Const.ScoreColumnKind.Regression,
            AnnotationUtils.Const.ScoreValueKind.Score);
        if (Model.Facts.Outputs > 1)
        {
            Model.Facts.Labels!.AddTo(score, AnnotationUtils.Kinds.SlotNames);
        }
        DataViewType type = Model.Facts.Outputs == 1 ? NumberDataViewType.Single
            : new VectorDataViewType(NumberDataViewType.Single, Model.Facts.Outputs);
        return [new DataViewSchema.DetachedColumn(_scoreColumnName, type, score.ToAnnotations())];
    }

    private protected override Delegate MakeGetter(int column, Func<float[]> current) => Model.Facts.Outputs > 1
        ? VectorColumn.Getter(current) : (ValueGetter<float>)((ref float value) => value = current()[0]);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHREGR",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SpeechRegressionTransformer).Assembly.FullName);
}
