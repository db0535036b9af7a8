using Microsoft.ML;
using SpeechML.Data.Extras;

namespace SpeechML.Explaining;

/// <summary>What a model reads of each row of its data.</summary>
internal static class ExplainedRows
{
    /// <summary>Audio and extra features of each row, as it is asked for.</summary>
    public static IEnumerable<(MLAudio Audio, float[]? Extras)> Of(IDataView data, SpeechScoringTransformer scorer)
    {
        DataViewSchema.Column audio = data.Schema[scorer.AudioColumn];
        DataViewSchema.Column[] columns = ExtraColumns.Find(data.Schema, scorer.Model.Facts.ExtraFeatures ?? []);
        using DataViewRowCursor cursor = data.GetRowCursor([audio, .. columns]);
        ValueGetter<MLAudio> clip = cursor.GetGetter<MLAudio>(audio);
        Func<float[]> numbers = ExtraColumns.Reader(cursor, columns);
        MLAudio value = null!;
        while (cursor.MoveNext())
        {
            clip(ref value);
            yield return (value, columns.Length == 0 ? null : numbers());
        }
    }
}
