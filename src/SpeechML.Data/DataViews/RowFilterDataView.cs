using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.Interop;

namespace SpeechML.Data.DataViews;

/// <summary>The rows whose value in one column passes a test, in each reading by the value of that reading.</summary>
/// <param name="host">The host.</param>
/// <param name="source">The data.</param>
/// <param name="columnName">The column.</param>
/// <param name="keep">The test.</param>
internal sealed class RowFilterDataView<T>(IHost host, IDataView source, string columnName, Func<T, bool> keep)
    : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column tested = Schema[columnName];
        var columns = ActiveColumns.Of(Schema, columnsNeeded, tested);
        return new Cursor(
            host, source.GetRowCursor(columns.Read, rand), Schema, columns.Active, tested, keep);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : LinkedRowFilterCursorBase
    {
        private readonly ValueGetter<T> _value;
        private readonly Func<T, bool> _keep;

        public Cursor(
            IChannelProvider provider, DataViewRowCursor input, DataViewSchema schema, bool[] active,
            DataViewSchema.Column tested, Func<T, bool> keep)
            : base(provider, input, schema, active)
        {
            _value = input.GetGetter<T>(input.Schema[tested.Index]);
            _keep = keep;
        }

        protected override bool Accept()
        {
            T value = default!;
            _value(ref value);
            return _keep(value);
        }
    }
}
