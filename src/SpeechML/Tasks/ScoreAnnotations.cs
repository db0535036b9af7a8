using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Tasks;

/// <summary>The annotations by which ML.NET's evaluators recognise score columns.</summary>
internal static class ScoreAnnotations
{
    public static void Add(DataViewSchema.Annotations.Builder builder, DataViewSchema inputSchema, string columnKind,
        string valueKind)
    {
        uint set = inputSchema.GetMaxAnnotationKind(out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1;
        builder.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType,
            (ref uint value) => value = set);
        AddText(builder, AnnotationUtils.Kinds.ScoreColumnKind, columnKind);
        AddText(builder, AnnotationUtils.Kinds.ScoreValueKind, valueKind);
    }

    private static void AddText(DataViewSchema.Annotations.Builder builder, string kind, string text) =>
        builder.Add(kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = text.AsMemory());
}
