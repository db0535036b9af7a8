using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.AudioColumns;
using SpeechML.Data.DataViews;

namespace SpeechML;

/// <summary>Base of the transformers that turn one column into one other.</summary>
/// <typeparam name="TIn">The input column's value.</typeparam>
/// <typeparam name="TOut">The output column's value, or what it is read from.</typeparam>
public abstract class ColumnTransformer<TIn, TOut> : RowStreamTransformer<TIn, TOut>
    where TOut : class
{
    private protected ColumnTransformer(IHost host, string outputColumnName, string inputColumnName)
        : base(host, inputColumnName)
    {
        OutputColumnName = host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
    }

    /// <summary>Name of the column that is made.</summary>
    internal string OutputColumnName { get; }

    private protected abstract DataViewType OutputType { get; }

    /// <summary>What becomes of one value.</summary>
    internal TOut Apply(TIn value) => ProcessOne(value);

    /// <summary>Whether what is made is audio as long as what was read.</summary>
    private protected virtual bool KeepsLength => false;

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        DataViewSchema.Column input = inputSchema[InputColumnName];
        var annotations = new DataViewSchema.Annotations.Builder();
        if (AugmentedAudio.IsMarked(input))
        {
            annotations.Add(AugmentedAudio.Annotate(), _ => true);
        }
        if (KeepsLength)
        {
            ClipLengths.Pass(input, annotations);
        }
        return [new DataViewSchema.DetachedColumn(OutputColumnName, OutputType, annotations.ToAnnotations())];
    }

    private protected override Delegate MakeGetter(int column, Func<TOut> current) =>
        (ValueGetter<TOut>)((ref TOut value) => value = current());

    /// <summary>The shape of the data after this transformer, checked when a pipeline is put together.</summary>
    internal SchemaShape GetOutputShape(SchemaShape input)
    {
        SchemaChecks.Find(input, "input", InputColumnName, InputType);
        Dictionary<string, SchemaShape.Column> columns = input.ToDictionary(c => c.Name, StringComparer.Ordinal);
        columns[OutputColumnName] = OutputType is VectorDataViewType vector
            ? new SchemaShape.Column(OutputColumnName, SchemaShape.Column.VectorKind.Vector, vector.ItemType, false)
            : new SchemaShape.Column(OutputColumnName, SchemaShape.Column.VectorKind.Scalar, OutputType, false);
        return new SchemaShape(columns.Values);
    }

    // *** Binary format of the columns ***
    // string: output column name
    // string: input column name
    private protected void SaveColumns(ModelSaveContext ctx)
    {
        ctx.SaveNonEmptyString(OutputColumnName);
        ctx.SaveNonEmptyString(InputColumnName);
    }
}
