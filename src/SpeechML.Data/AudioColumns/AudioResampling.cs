using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML;

/// <summary>
/// Brings audio to one sample rate by windowed-sinc interpolation, equal to torchaudio's <c>functional.resample</c>.
/// </summary>
public sealed class AudioResamplingEstimator : TrivialEstimator<AudioResamplingTransformer>
{
    internal AudioResamplingEstimator(
        IHostEnvironment env, string outputColumnName, int sampleRate, string inputColumnName)
        : base(env.Register(nameof(AudioResamplingEstimator)),
            new AudioResamplingTransformer(env, outputColumnName, sampleRate, inputColumnName))
    {
    }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.GetOutputShape(inputSchema);
}

/// <summary>What <see cref="AudioResamplingEstimator"/> gives.</summary>
public sealed class AudioResamplingTransformer : AudioChangingTransformer
{
    internal const string LoaderSignature = "SpeechData.ResampleAudio";

    private const int MaxSampleRate = 1_000_000;

    private readonly int _sampleRate;

    internal AudioResamplingTransformer(
        IHostEnvironment env, string outputColumnName, int sampleRate, string inputColumnName)
        : base(env.Register(nameof(AudioResamplingTransformer)), outputColumnName, inputColumnName)
    {
        if (sampleRate is < 1 or > MaxSampleRate)
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate),
                $"Sample rate: expected 1 to {MaxSampleRate} Hz, got {sampleRate}.");
        }
        _sampleRate = sampleRate;
    }

    /// <summary>The rate that clips get (Hz).</summary>
    internal int SampleRate => _sampleRate;

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static AudioResamplingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: output column name
        // string: input column name
        // int: sample rate (Hz)
        ctx.CheckAtModel(GetVersionInfo());
        string output = ctx.LoadNonEmptyString();
        string input = ctx.LoadNonEmptyString();
        int rate = ctx.Reader.ReadInt32();
        return rate is >= 1 and <= MaxSampleRate ? new AudioResamplingTransformer(env, output, rate, input)
            : throw ModelEntry.Wrong("sample rate", $"1 to {MaxSampleRate} Hz", rate);
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write(_sampleRate);
    }

    private protected override bool KeepsLength => true;

    private protected override MLAudio Change(MLAudio audio) => audio.Resample(_sampleRate);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHRSMP",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(AudioResamplingTransformer).Assembly.FullName);
}
