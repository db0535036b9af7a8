using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Onnx;

namespace SpeechML;

/// <summary>
/// Base of the small transformers behind a model that change its scores row by row. Not a stream: it reads the same row
/// as whoever asks, so that the model behind is not run twice.
/// </summary>
public abstract class ScoreTransformer : RowToRowTransformerBase
{
    private protected ScoreTransformer(IHost host)
        : base(host)
    {
    }

    private protected abstract IReadOnlyList<string> InputColumnNames { get; }

    /// <summary>The columns that are made; throws where the schema is not what it was fitted on.</summary>
    private protected abstract DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of output column number <paramref name="column"/>.</summary>
    private protected abstract Delegate MakeGetter(DataViewRow input, int column);

    /// <inheritdoc/>
    protected sealed override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    /// <summary>A function that reads the current row's vector.</summary>
    private protected static Func<float[]> Reader(DataViewRow input, string column)
    {
        ValueGetter<VBuffer<float>> getter = input.GetGetter<VBuffer<float>>(input.Schema[column]);
        return () =>
        {
            // Not kept: engines are shared by threads against the rule, and one must not see another's scores.
            VBuffer<float> buffer = default;
            getter(ref buffer);
            return [.. buffer.DenseValues()];
        };
    }

    /// <summary>Finds a vector column of a known size.</summary>
    private protected DataViewSchema.Column Vector(DataViewSchema schema, string name, int size)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(name)
            ?? throw Host.ExceptSchemaMismatch(nameof(schema), "score", name);
        return column.Type is VectorDataViewType vector && vector.ItemType.Equals(NumberDataViewType.Single)
            && vector.Size == size
            ? column
            : throw Host.ExceptSchemaMismatch(nameof(schema), "score", name, $"Vector<Single, {size}>",
                column.Type.ToString());
    }

    /// <summary>The names of a vector's slots, for a vector made from it.</summary>
    private protected static DataViewSchema.Annotations SlotNames(DataViewSchema.Column column)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        LabelValues.Read(column, AnnotationUtils.Kinds.SlotNames)?.AddTo(builder, AnnotationUtils.Kinds.SlotNames);
        return builder.ToAnnotations();
    }

    private sealed class Mapper : MapperBase, ISaveAsOnnx
    {
        private readonly ScoreTransformer _parent;

        public Mapper(ScoreTransformer parent, DataViewSchema schema)
            : base(parent.Host, schema, parent)
        {
            _parent = parent;
            _ = OutputColumns.Value; // the checks, at once
        }

        public bool CanSaveOnnx(OnnxContext ctx) => OnnxConverters.Found?.Takes(_parent) == true;

        public void SaveAsOnnx(OnnxContext ctx) => OnnxConverters.Found!.Save(ctx, _parent);

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            _parent.MakeOutputColumns(InputSchema);

        protected override Delegate MakeGetter(
            DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null!;
            return _parent.MakeGetter(input, iinfo);
        }

        protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
        {
            int[] inputs = [.. _parent.InputColumnNames.Select(n => InputSchema[n].Index)];
            bool any = Enumerable.Range(0, OutputColumns.Value.Length).Any(activeOutput);
            return column => any && inputs.Contains(column);
        }

        protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
