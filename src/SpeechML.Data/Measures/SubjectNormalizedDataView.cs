using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Measures;

/// <summary>
/// Rows with a vector in relation to its subject's. The statistics of all subjects are computed when the column is
/// first read, and kept.
/// </summary>
internal sealed class SubjectNormalizedDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _vector;
    private readonly DataViewSchema.Column _subject;
    private readonly ColumnBindings _bindings;
    private readonly Lazy<Dictionary<string, SlotStatistics>> _statistics;

    public SubjectNormalizedDataView(IHost host, IDataView source, DataViewSchema.Column vector,
        DataViewSchema.Column subject, string output)
    {
        (_host, _source, _vector, _subject) = (host, source, vector, subject);
        _bindings = new ColumnBindings(
            source.Schema, [new DataViewSchema.DetachedColumn(output, vector.Type, vector.Annotations)]);
        _statistics = new Lazy<Dictionary<string, SlotStatistics>>(ReadStatistics);
    }

    public bool CanShuffle => _source.CanShuffle;

    public DataViewSchema Schema => _bindings.Schema;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Func<int, bool> needed = RowCursorUtils.FromColumnsToPredicate(columnsNeeded, Schema);
        bool[] active = _bindings.GetActiveInput(needed);
        bool[] made = [.. Schema.Select(c => needed(c.Index))];
        bool normalizes = Schema.Any(c => made[c.Index] && !IsSource(c));
        DataViewRowCursor rows = _source.GetRowCursor(
            _source.Schema.Where(c => active[c.Index]
                || (normalizes && (c.Index == _vector.Index || c.Index == _subject.Index))), rand);
        return new Cursor(this, made, rows);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private bool IsSource(DataViewSchema.Column column)
    {
        _ = _bindings.MapColumnIndex(out bool isSource, column.Index);
        return isSource;
    }

    private Dictionary<string, SlotStatistics> ReadStatistics()
    {
        var statistics = new Dictionary<string, SlotStatistics>(StringComparer.Ordinal);
        using DataViewRowCursor rows = _source.GetRowCursor([_vector, _subject]);
        ValueGetter<VBuffer<float>> vector = rows.GetGetter<VBuffer<float>>(rows.Schema[_vector.Index]);
        ValueGetter<ReadOnlyMemory<char>> subject = rows.GetGetter<ReadOnlyMemory<char>>(rows.Schema[_subject.Index]);
        VBuffer<float> values = default;
        ReadOnlyMemory<char> name = default;
        int size = ((VectorDataViewType)_vector.Type).Size;
        while (rows.MoveNext())
        {
            _host.CheckAlive();
            vector(ref values);
            subject(ref name);
            string key = name.ToString();
            if (key.Length == 0)
            {
                throw new InvalidOperationException(
                    $"Subject column '{_subject.Name}', row {rows.Position}: expected a subject, got an empty text. " +
                    $"Leave the row out (FilterRowsByMissingValues), or name who speaks.");
            }
            if (!statistics.TryGetValue(key, out SlotStatistics? own))
            {
                statistics[key] = own = new SlotStatistics(size);
            }
            own.Add([.. values.DenseValues()]);
        }
        return statistics;
    }

    private sealed class Cursor : SynchronizedCursorBase
    {
        private readonly SubjectNormalizedDataView _view;
        private readonly bool[] _active;

        public Cursor(SubjectNormalizedDataView view, bool[] active, DataViewRowCursor rows)
            : base(view._host, rows)
        {
            _view = view;
            _active = active;
        }

        public override DataViewSchema Schema => _view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column is not active");
            int index = _view._bindings.MapColumnIndex(out bool isSource, column.Index);
            if (isSource)
            {
                return Input.GetGetter<TValue>(Input.Schema[index]);
            }
            return MakeGetter() as ValueGetter<TValue> ?? throw Ch.Except(
                $"Column '{column.Name}': expected its values to be read as {column.Type.RawType}, got " +
                $"{typeof(TValue)}.");
        }

        private Delegate MakeGetter()
        {
            Dictionary<string, SlotStatistics> statistics = _view._statistics.Value;
            ValueGetter<VBuffer<float>> vector = Input.GetGetter<VBuffer<float>>(Input.Schema[_view._vector.Index]);
            ValueGetter<ReadOnlyMemory<char>> subject =
                Input.GetGetter<ReadOnlyMemory<char>>(Input.Schema[_view._subject.Index]);
            VBuffer<float> values = default;
            ReadOnlyMemory<char> name = default;
            return VectorColumn.Getter(() =>
            {
                vector(ref values);
                subject(ref name);
                string key = name.ToString();
                return statistics.TryGetValue(key, out SlotStatistics? own) ? own.Normalize([.. values.DenseValues()])
                    : throw SourceRows.Differ(_view._subject.Name, Input.Position, "", key);
            });
        }
    }
}
