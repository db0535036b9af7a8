using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Onnx;

namespace SpeechML;

/// <summary>
/// Base of the transformers that read one column and add others, and that work best on a stream of rows: decoding runs
/// ahead on other
/// threads, encoders score in batches. A data view is mapped by <see cref="Process"/>, which may look ahead as far as
/// it likes; a single
/// row (a <see cref="PredictionEngine{TSrc, TDst}"/>) by <see cref="ProcessOne"/>.
/// </summary>
/// <typeparam name="TIn">The input column's value.</typeparam>
/// <typeparam name="TOut">What one row gives; the output columns are read from it.</typeparam>
public abstract class RowStreamTransformer<TIn, TOut> : RowToRowTransformerBase, ITransformer
    where TOut : class
{
    private protected RowStreamTransformer(IHost host, string inputColumnName)
        : base(host)
    {
        InputColumnName = host.CheckNonEmpty(inputColumnName, nameof(inputColumnName));
    }

    /// <summary>Name of the column that is read.</summary>
    internal string InputColumnName { get; }

    private protected IHost ComponentHost => Host;

    /// <summary>Whether SpeechML.OnnxConverter writes it into ML.NET's ONNX models.</summary>
    private protected virtual bool SavesOnnx => false;

    /// <summary>What the input column must be, for the error when it is something else.</summary>
    private protected abstract DataViewType InputType { get; }

    /// <summary>Maps rows in order, one result each.</summary>
    private protected abstract IEnumerable<TOut> Process(IEnumerable<TIn> rows);

    private protected abstract TOut ProcessOne(TIn row);

    /// <summary>Refuses any use of a transformer whose model is gone.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    private protected virtual void ThrowIfDisposed()
    {
    }

    private protected abstract DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of output column number <paramref name="column"/>.</summary>
    private protected abstract Delegate MakeGetter(int column, Func<TOut> current);

    /// <inheritdoc/>
    public new IDataView Transform(IDataView input)
    {
        Host.CheckValue(input, nameof(input));
        var mapper = new Mapper(this, input.Schema);
        DataViewSchema.DetachedColumn[] made = ((IRowMapper)mapper).GetOutputColumns();
        return SavesOnnx && OnnxConverters.Found is { } converter
            ? new OnnxRowStreamDataView<TIn, TOut>(
                Host, input, mapper.Input, made, Process, MakeGetter, this, converter)
            : new RowStreamDataView<TIn, TOut>(Host, input, mapper.Input, made, Process, MakeGetter);
    }

    /// <inheritdoc/>
    protected sealed override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    /// <summary>Finds what is read, the input column and, of some transformers, others beside it.</summary>
    private protected virtual StreamInput<TIn> FindInput(DataViewSchema schema) => new([FindMainInput(schema)]);

    /// <summary>Finds the input column.</summary>
    private protected DataViewSchema.Column FindMainInput(DataViewSchema schema)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(InputColumnName)
            ?? throw Host.ExceptSchemaMismatch(nameof(schema), "input", InputColumnName);
        return column.Type.Equals(InputType)
            ? column
            : throw Host.ExceptSchemaMismatch(nameof(schema), "input", InputColumnName, InputType.ToString(),
                column.Type.ToString());
    }

    private sealed class Mapper : MapperBase
    {
        private readonly RowStreamTransformer<TIn, TOut> _parent;

        public Mapper(RowStreamTransformer<TIn, TOut> parent, DataViewSchema schema)
            : base(parent.Host, schema, parent)
        {
            parent.ThrowIfDisposed();
            _parent = parent;
            Input = parent.FindInput(schema);
        }

        public StreamInput<TIn> Input { get; }

        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            var row = new EngineRow<TIn, TOut>(input, Input.Getter(input), _parent.ProcessOne);
            disposer = () => { };
            return [.. Enumerable.Range(0, OutputColumns.Value.Length)
                .Select(i => activeOutput(i) ? _parent.MakeGetter(i, row.Read) : null!)];
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            _parent.MakeOutputColumns(InputSchema);

        protected override Delegate MakeGetter(
            DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer) =>
            CreateGetters(input, activeOutput, out disposer)[iinfo];

        protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
        {
            bool any = Enumerable.Range(0, OutputColumns.Value.Length).Any(activeOutput);
            return column => any && Array.Exists(Input.Columns, c => c.Index == column);
        }

        protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
