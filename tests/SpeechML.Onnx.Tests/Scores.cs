using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Onnx.Tests;

/// <summary>Data with an audio column, and what a transformer makes of it.</summary>
internal static class Scores
{
    public static IDataView Data(MLContext mlContext, params float[][] clips) => Data(mlContext, 16000, clips);

    public static IDataView Data(MLContext mlContext, int sampleRate, params float[][] clips) =>
        mlContext.Data.LoadFromEnumerable(clips.Select(c => new Row { Audio = MLAudio.FromSamples(c, sampleRate) }));

    /// <summary>The numbers of every column that a transformer adds: column to row to values.</summary>
    public static Dictionary<string, float[][]> Of(ITransformer transformer, IDataView data)
    {
        IDataView scored = transformer.Transform(data);
        DataViewSchema.Column[] added = [.. scored.Schema.Where(
            c => !c.IsHidden && data.Schema.GetColumnOrNull(c.Name) is null)];
        var read = added.ToDictionary(c => c.Name, _ => new List<float[]>());
        using DataViewRowCursor cursor = scored.GetRowCursor(added);
        Func<float[]>[] getters = [.. added.Select(c => Getter(cursor, c))];
        while (cursor.MoveNext())
        {
            for (int i = 0; i < added.Length; i++)
            {
                read[added[i].Name].Add(getters[i]());
            }
        }
        return read.ToDictionary(p => p.Key, p => p.Value.ToArray());
    }

    /// <summary>Equal, relative to the greatest of what is expected.</summary>
    public static void AreEqual(float[] expected, float[] actual, string what, double tolerance = 1e-4)
    {
        var misses = new List<string>();
        Compare(expected, actual, what, misses, tolerance);
        Assert.IsEmpty(misses, misses.FirstOrDefault());
    }

    /// <summary>
    /// Names what is not equal, relative to the greatest of what is expected, or to <paramref name="summed"/>.
    /// </summary>
    public static void Compare(
        float[] expected, float[] actual, string what, List<string> misses, double tolerance = 1e-4, double summed = 0)
    {
        Assert.HasCount(expected.Length, actual, what);
        double scale = Math.Max(Math.Max(expected.Max(v => Math.Abs((double)v)), summed), 1e-6);
        for (int i = 0; i < expected.Length; i++)
        {
            double off = Math.Abs(expected[i] - (double)actual[i]) / scale;
            if (!(off <= tolerance))
            {
                misses.Add($"{what} [{i}]: expected {expected[i]:R}, got {actual[i]:R}, off {off:g2}");
            }
        }
    }

    private static Func<float[]> Getter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        switch (column.Type)
        {
            case KeyDataViewType:
                return Scalar<uint>(v => v);
            case BooleanDataViewType:
                return Scalar<bool>(v => v ? 1 : 0);
            case VectorDataViewType { ItemType: BooleanDataViewType }:
                return Vector<bool>(v => v ? 1 : 0);
            case VectorDataViewType:
                return Vector<float>(v => v);
            default:
                return Scalar<float>(v => v);
        }

        Func<float[]> Scalar<T>(Func<T, float> number)
        {
            ValueGetter<T> getter = cursor.GetGetter<T>(column);
            return () =>
            {
                T value = default!;
                getter(ref value);
                return [number(value)];
            };
        }

        Func<float[]> Vector<T>(Func<T, float> number)
        {
            ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(column);
            return () =>
            {
                VBuffer<T> value = default;
                getter(ref value);
                return [.. value.DenseValues().Select(number)];
            };
        }
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }
    }
}
