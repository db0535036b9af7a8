using Microsoft.ML;

namespace SpeechML.Data.DataViews;

/// <summary>All values of one column, in memory.</summary>
internal abstract class ColumnMemory
{
    private protected ColumnMemory(string name)
    {
        Name = name;
    }

    public string Name { get; }

    public static ColumnMemory Create(DataViewRow row, DataViewSchema.Column column) =>
        ColumnValues.Visit(row, column, new Maker(column.Name));

    /// <summary>Takes the value of the row that is being read.</summary>
    public abstract void Read();

    /// <summary>A getter of the row that <paramref name="row"/> gives the number of.</summary>
    public abstract Delegate GetterAt(Func<long> row);

    /// <summary>Compares rows of a second reading with what is kept.</summary>
    /// <param name="again">The cursor of the second reading.</param>
    public abstract Action Comparer(DataViewRow again);

    private sealed class Maker(string name) : IColumnVisitor<ColumnMemory>
    {
        public ColumnMemory Visit<T>(ValueGetter<T> source, CopyValue<T> copy) =>
            new ColumnMemory<T>(name, source, copy);
    }
}

/// <inheritdoc/>
internal sealed class ColumnMemory<T>(string name, ValueGetter<T> source, CopyValue<T> copy) : ColumnMemory(name)
{
    private readonly List<T> _values = [];

    public override void Read()
    {
        T value = default!; // of its own: a getter may write into what it is given
        source(ref value);
        _values.Add(value);
    }

    public override Delegate GetterAt(Func<long> row) => (ValueGetter<T>)((ref T value) =>
    {
        T kept = _values[(int)row()];
        copy(in kept, ref value);
    });

    public override Action Comparer(DataViewRow again)
    {
        ValueGetter<T> getter = again.GetGetter<T>(again.Schema[Name]);
        T value = default!;
        return () =>
        {
            getter(ref value);
            (string first, string second) = (ColumnValues.Text(_values[(int)again.Position]), ColumnValues.Text(value));
            if (first != second)
            {
                throw SourceRows.Differ(Name, again.Position, first, second);
            }
        };
    }
}
