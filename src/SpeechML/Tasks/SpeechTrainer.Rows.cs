using Microsoft.ML;
using SpeechML.Data.DataViews;
using SpeechML.Data.Extras;
using SpeechML.EncodeSpeech;
using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Tasks;
using SpeechML.Training;
using SpeechML.Training.Caching;

namespace SpeechML;

/// <content>Reading the data. Clips and labels come from one cursor; the labels alone are read before, and compared.
/// </content>
public abstract partial class SpeechTrainer<TTransformer>
{
    private string[] ExtraNames => OptionList.Items(Options.ExtraFeatures);

    private LabelRows ReadLabels(IDataView input)
    {
        DataViewSchema.Column label = input.Schema[LabelColumnName];
        var rows = new List<float[]?>();
        using DataViewRowCursor cursor = input.GetRowCursor([label]);
        Func<float[]?> target = TargetReader(cursor, label);
        while (cursor.MoveNext())
        {
            rows.Add(target());
        }
        return rows.Exists(r => r is not null)
            ? new LabelRows(LabelColumnName, rows)
            : throw new InvalidOperationException(
                $"Label column '{LabelColumnName}': expected at least one row with a label, got none." +
                (rows.Count == 0 ? $" {SourceRows.WhenEmpty}" : ""));
    }

    private TrainingSet Read(
        IDataView input, LabelRows rows, SpeechModel model, ActivationSource? source, Fingerprint? fingerprint,
        Action checkAlive)
    {
        List<float[]>? extras = ExtraNames.Length == 0 ? null : [];
        IEnumerable<(float[] Samples, float[] Targets)> clips = ReadClips(input, rows, model, extras, checkAlive);
        bool hashes = Options.Checkpoints.Folder.Length > 0 && fingerprint is not null;
        var set = TrainingSet.Read(
            source,
            hashes ? fingerprint!.Of(clips) : clips,
            Options.Cache.Memory * (1L << 20),
            EncodingBatches.Budget(model.Device, model.Network.Encoder.Config), checkAlive,
            model.Network.LongAudio);
        set.Extras = extras;
        if (hashes)
        {
            fingerprint!.Add(extras ?? []);
        }
        return set;
    }

    /// <summary>
    /// Reads augmented clips anew. Their changes follow from the number of the reading: a run that goes on in a later
    /// epoch passes over those before.
    /// </summary>
    private Action<int> Refresh(
        IDataView input, LabelRows rows, SpeechModel model, TrainingSet clips, Action checkAlive)
    {
        int readings = 1;
        return epoch =>
        {
            for (; readings < epoch - 1; readings++)
            {
                using DataViewRowCursor passedOver = input.GetRowCursor([input.Schema[AudioColumnName]]);
            }
            List<float[]>? extras = ExtraNames.Length == 0 ? null : [];
            clips.Refresh(ReadClips(input, rows, model, extras, checkAlive));
            clips.Extras = extras;
            readings++;
        };
    }

    private IEnumerable<(float[] Samples, float[] Targets)> ReadClips(
        IDataView input, LabelRows rows, SpeechModel model, List<float[]>? extras, Action checkAlive)
    {
        DataViewSchema.Column label = input.Schema[LabelColumnName];
        DataViewSchema.Column audio = input.Schema[AudioColumnName];
        DataViewSchema.Column[] columns = [.. ExtraNames.Select(n => input.Schema[n])];
        using DataViewRowCursor cursor = input.GetRowCursor([audio, label, .. columns]);
        Func<float[]> numbers = ExtraColumns.Reader(cursor, columns);
        ValueGetter<MLAudio> clip = cursor.GetGetter<MLAudio>(audio);
        Func<float[]?> target = TargetReader(cursor, label);
        MLAudio value = null!;
        int row = 0;
        for (; cursor.MoveNext(); row++)
        {
            checkAlive();
            float[]? values = target();
            rows.Check(row, values);
            if (values is not null)
            {
                clip(ref value);
                extras?.Add(numbers());
                yield return (model.Samples(value, AudioColumnName), values);
            }
        }
        rows.CheckEnd(row);
    }
}
