using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Audio;

namespace SpeechML;

/// <summary>Trims, truncates or normalises every clip, in training and in scoring.</summary>
public sealed class AudioEditingEstimator : TrivialEstimator<AudioEditingTransformer>
{
    internal AudioEditingEstimator(
        IHostEnvironment env, string outputColumnName, AudioEdit edit, string inputColumnName)
        : base(env.Register(nameof(AudioEditingEstimator)),
            new AudioEditingTransformer(env, outputColumnName, edit, inputColumnName))
    {
    }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.GetOutputShape(inputSchema);
}

/// <summary>What <see cref="AudioEditingEstimator"/> gives.</summary>
public sealed class AudioEditingTransformer : AudioChangingTransformer
{
    internal const string LoaderSignature = "SpeechData.EditAudio";

    private readonly AudioEdit _edit;

    internal AudioEditingTransformer(
        IHostEnvironment env, string outputColumnName, AudioEdit edit, string inputColumnName)
        : base(env.Register(nameof(AudioEditingTransformer)), outputColumnName, inputColumnName)
    {
        edit.Validate();
        _edit = edit;
    }

    /// <summary>What is done to a clip.</summary>
    internal AudioEdit Edit => _edit;

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static AudioEditingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: output column name
        // string: input column name
        // string: kind and settings, JSON
        ctx.CheckAtModel(GetVersionInfo());
        string output = ctx.LoadNonEmptyString();
        string input = ctx.LoadNonEmptyString();
        return new AudioEditingTransformer(env, output, AudioEdit.FromJson(ctx.LoadNonEmptyString()), input);
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.SaveNonEmptyString(_edit.ToJson());
    }

    private protected override bool KeepsLength => _edit is Normalization;

    private protected override MLAudio Change(MLAudio audio) => _edit.Apply(audio);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHEDIT",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(AudioEditingTransformer).Assembly.FullName);
}
