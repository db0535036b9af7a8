using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.AudioColumns;

/// <summary>
/// How long the clips of a column are. The column of <c>LoadAudio</c> says by an annotation, which transforms of other
/// columns pass on, where its files are named: their headers tell, and no sample is decoded.
/// </summary>
internal static class ClipLengths
{
    private const string Kind = "SpeechAudioFiles";

    /// <summary>The annotation of a column that was read from files.</summary>
    /// <param name="column">The column of their names.</param>
    /// <param name="seconds">The length of a file by its name; <see langword="null"/> where the whole file would have
    /// to be fetched for it.</param>
    public static DataViewSchema.Annotations Annotate(string column, Func<string, double?> seconds)
    {
        var files = new Files(column, seconds);
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(Kind, FilesType.Instance, (ref Files value) => value = files);
        return builder.ToAnnotations();
    }

    /// <summary>Passes the annotation on to a column whose clips are as long.</summary>
    public static void Pass(DataViewSchema.Column from, DataViewSchema.Annotations.Builder to) =>
        to.Add(from.Annotations, kind => kind == Kind);

    /// <summary>Lengths of the clips in seconds, in order, as they are asked for.</summary>
    /// <param name="data">The data.</param>
    /// <param name="column">The audio column.</param>
    public static IEnumerable<double> Of(IDataView data, string column)
    {
        DataViewSchema.Column audio = data.Schema[column];
        int known = 0;
        if (Files.Of(audio) is { } files && data.Schema.GetColumnOrNull(files.Column) is { } names
            && names.Type is TextDataViewType)
        {
            bool all = true;
            foreach (double? seconds in ByHeader(data, names, files))
            {
                if (seconds is not { } length)
                {
                    all = false;
                    break;
                }
                known++;
                yield return length;
            }
            if (all)
            {
                yield break;
            }
        }
        using DataViewRowCursor cursor = data.GetRowCursor([audio]);
        ValueGetter<MLAudio> clip = cursor.GetGetter<MLAudio>(audio);
        MLAudio value = null!;
        for (int row = 0; cursor.MoveNext(); row++)
        {
            if (row >= known)
            {
                clip(ref value);
                yield return value.Duration.TotalSeconds;
            }
        }
    }

    private static IEnumerable<double?> ByHeader(IDataView data, DataViewSchema.Column names, Files files)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([names]);
        ValueGetter<ReadOnlyMemory<char>> name = cursor.GetGetter<ReadOnlyMemory<char>>(names);
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            name(ref value);
            yield return files.Find(value.ToString());
        }
    }

    /// <summary>The files of a column.</summary>
    /// <param name="Column">The column of their names.</param>
    /// <param name="Seconds">The length of one.</param>
    private sealed record Files(string Column, Func<string, double?> Seconds)
    {
        public static Files? Of(DataViewSchema.Column audio)
        {
            Files files = null!;
            if (audio.Annotations.Schema.GetColumnOrNull(Kind) is not null)
            {
                audio.Annotations.GetValue(Kind, ref files);
            }
            return files;
        }

        /// <summary>The length of a file; none of one that cannot be read, which decoding will say better.</summary>
        public double? Find(string name)
        {
            try
            {
                return Seconds(name);
            }
            catch (AudioException)
            {
                return null;
            }
        }
    }

    /// <summary>The type of the annotation, which is in memory only.</summary>
    private sealed class FilesType : PrimitiveDataViewType
    {
        private FilesType()
            : base(typeof(Files))
        {
        }

        public static FilesType Instance { get; } = new();

        public override bool Equals(DataViewType? other) => other is FilesType;

        public override bool Equals(object? obj) => obj is FilesType;

        public override int GetHashCode() => typeof(FilesType).GetHashCode();
    }
}
