using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Onnx;

/// <summary>
/// A view that ML.NET's ONNX converter finds when it walks a chain from its end. The walk ends here: the source that
/// it is shown has samples in place of audio, which become the graph's input.
/// </summary>
internal sealed class OnnxRowStreamDataView<TIn, TOut> : RowStreamDataView<TIn, TOut>, ITransformCanSaveOnnx
    where TOut : class
{
    private readonly ITransformer _transformer;
    private readonly IOnnxConverter _converter;

    public OnnxRowStreamDataView(
        IHost host, IDataView source, StreamInput<TIn> input, DataViewSchema.DetachedColumn[] outputColumns,
        Func<IEnumerable<TIn>, IEnumerable<TOut>> process, Func<int, Func<TOut>, Delegate> makeGetter,
        ITransformer transformer, IOnnxConverter converter)
        : base(host, source, input, outputColumns, process, makeGetter)
    {
        (_transformer, _converter) = (transformer, converter);
        Source = new EmptyDataView(host, Inputs(source.Schema));
    }

    /// <summary>The columns that a graph takes, without rows.</summary>
    public IDataView Source { get; }

    public bool CanSaveOnnx(OnnxContext ctx) => _converter.Takes(_transformer);

    public void SaveAsOnnx(OnnxContext ctx) => _converter.Save(ctx, _transformer);

    public void Save(ModelSaveContext ctx) => _transformer.Save(ctx);

    private static DataViewSchema Inputs(DataViewSchema schema)
    {
        var builder = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column column in schema.Where(c => !c.IsHidden))
        {
            if (column.Type is AudioDataViewType)
            {
                builder.AddColumn(column.Name, new VectorDataViewType(NumberDataViewType.Single));
            }
            // Texts and keys tell clips and labels apart; a graph that asked for them could not be used.
            else if (column.Type.GetItemType() is NumberDataViewType)
            {
                builder.AddColumn(column.Name, column.Type, column.Annotations);
            }
        }
        return builder.ToSchema();
    }
}
