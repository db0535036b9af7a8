using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML;

/// <summary>Measures voices: the 54 numbers of <see cref="VoiceMeasures"/> of every clip.</summary>
public sealed class VoiceMeasuringEstimator : TrivialEstimator<VoiceMeasuringTransformer>
{
    internal VoiceMeasuringEstimator(
        IHostEnvironment env, string outputColumnName, string inputColumnName, VoiceMeasureOptions options)
        : base(env.Register(nameof(VoiceMeasuringEstimator)),
            new VoiceMeasuringTransformer(env, outputColumnName, inputColumnName, options))
    {
    }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.GetNamedShape(inputSchema);
}

/// <summary>What <see cref="VoiceMeasuringEstimator"/> gives.</summary>
public sealed class VoiceMeasuringTransformer : AudioMeasuringTransformer
{
    internal const string LoaderSignature = "SpeechData.MeasureVoice";

    private readonly VoiceMeasureOptions _options;

    internal VoiceMeasuringTransformer(
        IHostEnvironment env, string outputColumnName, string inputColumnName, VoiceMeasureOptions options)
        : base(env.Register(nameof(VoiceMeasuringTransformer)), outputColumnName, inputColumnName)
    {
        options.Validate();
        _options = options;
    }

    private protected override IReadOnlyList<(string Name, string Unit)> Slots { get; } =
        [.. VoiceMeasures.All.Select(m => (m.Name, m.Unit))];

    private protected override IEnumerable<double> Measure(MLAudio audio) => VoiceMeasures.Measure(audio, _options);

    private protected override object SavedOptions => _options;

    internal override string Signature => LoaderSignature;

    /// <summary>The transformer of saved options.</summary>
    internal static VoiceMeasuringTransformer Of(IHostEnvironment env, string output, string input, string options) =>
        Create<VoiceMeasuringTransformer, VoiceMeasureOptions>(
            options, "MeasureVoice", read => new VoiceMeasuringTransformer(env, output, input, read));

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static VoiceMeasuringTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: output column name
        // string: input column name
        // string: options, JSON
        ctx.CheckAtModel(GetVersionInfo());
        return Load(ctx, (output, input, options) => Of(env, output, input, options));
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        Save(ctx);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHVOIC",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(VoiceMeasuringTransformer).Assembly.FullName);
}
