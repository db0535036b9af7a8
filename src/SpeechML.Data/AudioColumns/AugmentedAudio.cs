using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.AudioColumns;

/// <summary>
/// The mark of an audio column whose clips differ from cursor to cursor, as an annotation, which transforms of other
/// columns pass on: a trainer that sees it
/// must read the column again in each epoch and keep nothing that was computed from it.
/// </summary>
internal static class AugmentedAudio
{
    private const string Kind = "SpeechAudioAugmented";

    public static DataViewSchema.Annotations Annotate()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(Kind, BooleanDataViewType.Instance, (ref bool value) => value = true);
        return builder.ToAnnotations();
    }

    /// <summary>Whether each cursor gives other audio.</summary>
    public static bool IsMarked(DataViewSchema.Column column) =>
        column.Annotations.Schema.GetColumnOrNull(Kind) is not null;
}
