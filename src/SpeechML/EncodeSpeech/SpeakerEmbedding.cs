using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Encoders;
using SpeechML.Model;

namespace SpeechML;

/// <summary>
/// Turns audio into embeddings of the speaker by a model of the Hugging Face Hub (<c>…ForXVector</c>): vectors that lie
/// near each other, by their cosine, where the same person speaks. Nothing is trained.
/// </summary>
public sealed class SpeakerEmbeddingEstimator : IEstimator<SpeechEncodingTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly string _model;
    private readonly HuggingFaceModelOptions _options;

    internal SpeakerEmbeddingEstimator(
        IHostEnvironment env, string outputColumnName, string model, string inputColumnName,
        HuggingFaceModelOptions options)
    {
        _host = env.Register(nameof(SpeakerEmbeddingEstimator));
        _outputColumnName = _host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        _inputColumnName = _host.CheckNonEmpty(inputColumnName, nameof(inputColumnName));
        _model = _host.CheckNonEmpty(model, nameof(model));
        EncoderLocation.Check(model);
        options.Validate();
        _options = options;
    }

    /// <summary>Loads the model; nothing is trained.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken, or it is no model of embeddings.</exception>
    /// <exception cref="HubException">The Hub has no such model, or it may not be read.</exception>
    public SpeechEncodingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        GetOutputSchema(SchemaShape.Create(input.Schema));
        SpeechModel model = SavedModels.ReadHuggingFace(_model, _options, speaker: true);
        try
        {
            return new SpeechEncodingTransformer(_host, _outputColumnName, _inputColumnName, model.On(_host));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        SchemaChecks.Find(inputSchema, "input", _inputColumnName, AudioDataViewType.Instance);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name, StringComparer.Ordinal);
        columns[_outputColumnName] = new SchemaShape.Column(
            _outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }
}
