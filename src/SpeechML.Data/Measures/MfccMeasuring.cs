using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML;

/// <summary>Mean and deviation over time of the mel-frequency cepstral coefficients of every clip.</summary>
public sealed class MfccMeasuringEstimator : TrivialEstimator<MfccMeasuringTransformer>
{
    internal MfccMeasuringEstimator(
        IHostEnvironment env, string outputColumnName, string inputColumnName, MfccOptions options)
        : base(env.Register(nameof(MfccMeasuringEstimator)),
            new MfccMeasuringTransformer(env, outputColumnName, inputColumnName, options))
    {
    }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.GetNamedShape(inputSchema);
}

/// <summary>What <see cref="MfccMeasuringEstimator"/> gives.</summary>
public sealed class MfccMeasuringTransformer : AudioMeasuringTransformer
{
    internal const string LoaderSignature = "SpeechData.MeasureMfcc";

    private readonly MfccOptions _options;

    internal MfccMeasuringTransformer(
        IHostEnvironment env, string outputColumnName, string inputColumnName, MfccOptions options)
        : base(env.Register(nameof(MfccMeasuringTransformer)), outputColumnName, inputColumnName)
    {
        options.Validate();
        _options = options;
    }

    private protected override IReadOnlyList<(string Name, string Unit)> Slots =>
        [.. Names("mean").Concat(Names("sd")).Select(name => (name, "dB"))];

    private protected override IEnumerable<double> Measure(MLAudio audio)
    {
        MfccContour mfcc = VoiceMeasures.Mfcc(audio, _options);
        return mfcc.Means().Concat(mfcc.Deviations());
    }

    private IEnumerable<string> Names(string statistic) => Enumerable.Range(1, _options.Count)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"mfcc{i:00}_{statistic}"));

    private protected override object SavedOptions => _options;

    internal override string Signature => LoaderSignature;

    /// <summary>The transformer of saved options.</summary>
    internal static MfccMeasuringTransformer Of(IHostEnvironment env, string output, string input, string options) =>
        Create<MfccMeasuringTransformer, MfccOptions>(
            options, "MeasureMfcc", read => new MfccMeasuringTransformer(env, output, input, read));

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static MfccMeasuringTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
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
        modelSignature: "SPCHMFCC",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(MfccMeasuringTransformer).Assembly.FullName);
}
