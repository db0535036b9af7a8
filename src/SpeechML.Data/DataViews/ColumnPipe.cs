using Microsoft.ML;

namespace SpeechML.Data.DataViews;

/// <summary>
/// Copies of one column's values between the row that a stream has read and the row that its consumer is at, as the
/// pipes of ML.NET's <c>RowShufflingTransformer</c> are.
/// </summary>
internal abstract class ColumnPipe
{
    /// <summary>A getter of the row that the consumer is at.</summary>
    public abstract Delegate Getter { get; }

    public static ColumnPipe Create(DataViewRow row, DataViewSchema.Column column) =>
        ColumnValues.Visit(row, column, new Maker());

    /// <summary>Takes the value of the row that is being read.</summary>
    public abstract void Read();

    /// <summary>Goes on to the row behind the last one that was consumed.</summary>
    public abstract void MoveNext();

    private sealed class Maker : IColumnVisitor<ColumnPipe>
    {
        public ColumnPipe Visit<T>(ValueGetter<T> source, CopyValue<T> copy) => new ColumnPipe<T>(source, copy);
    }
}

/// <inheritdoc/>
/// <param name="source">Reads the source's row.</param>
/// <param name="copy">Copies a value to a consumer.</param>
internal sealed class ColumnPipe<T>(ValueGetter<T> source, CopyValue<T> copy) : ColumnPipe
{
    private readonly Queue<T> _waiting = new();
    private T _current = default!;

    public override Delegate Getter => (ValueGetter<T>)((ref T value) => copy(in _current, ref value));

    /// <summary>The value that was read last.</summary>
    public T Newest { get; private set; } = default!;

    public override void Read()
    {
        T value = default!; // of its own: a getter may write into what it is given
        source(ref value);
        Newest = value;
        _waiting.Enqueue(value);
    }

    public override void MoveNext() => _current = _waiting.Dequeue();
}
