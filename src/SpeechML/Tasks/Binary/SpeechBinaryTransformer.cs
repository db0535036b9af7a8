using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Model;
using SpeechML.Tasks;

namespace SpeechML;

/// <summary>A fine-tuned binary speech classifier: a logit, a probability and a decision per clip.</summary>
public sealed class SpeechBinaryTransformer : SpeechScoringTransformer
{
    internal const string LoaderSignature = "SpeechBinary";

    private readonly string[] _columns;

    internal SpeechBinaryTransformer(
        IHostEnvironment env, string audioColumnName, string scoreColumnName, string probabilityColumnName,
        string predictedLabelColumnName, SpeechModel model)
        : base(env.Register(nameof(SpeechBinaryTransformer)), audioColumnName, model)
    {
        _columns = [scoreColumnName, probabilityColumnName, predictedLabelColumnName];
    }

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static SpeechBinaryTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
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
        return new SpeechBinaryTransformer(env, audio, score, probability, predicted, SpeechModel.LoadScalar(env, ctx));
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(InputColumnName);
        foreach (string column in _columns)
        {
            ctx.SaveNonEmptyString(column);
        }
        Model.Save(ctx);
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        DataViewSchema.DetachedColumn Column(string name, DataViewType type, string valueKind)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            ScoreAnnotations.Add(annotations, inputSchema, AnnotationUtils.Const.ScoreColumnKind.BinaryClassification,
                valueKind);
            return new DataViewSchema.DetachedColumn(name, type, annotations.ToAnnotations());
        }
        return
        [
            Column(_columns[0], NumberDataViewType.Single, AnnotationUtils.Const.ScoreValueKind.Score),
            Column(_columns[1], NumberDataViewType.Single, AnnotationUtils.Const.ScoreValueKind.Probability),
            Column(_columns[2], BooleanDataViewType.Instance, AnnotationUtils.Const.ScoreValueKind.PredictedLabel),
        ];
    }

    private protected override Delegate MakeGetter(int column, Func<float[]> current) => column switch
    {
        0 => (ValueGetter<float>)((ref float value) => value = current()[0]),
        1 => (ValueGetter<float>)((ref float value) => value = OutputScores.Sigmoid(current())[0]),
        _ => (ValueGetter<bool>)((ref bool value) => value = current()[0] >= 0),
    };

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHBINA",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SpeechBinaryTransformer).Assembly.FullName);
}
