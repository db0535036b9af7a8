using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Common;
using SpeechML.Data.AudioColumns;
using SpeechML.Data.DataViews;
using SpeechML.Data.Interop;

namespace SpeechML;

/// <summary>Changes audio at random while the pipeline it is part of is fitted, and only then.</summary>
/// <remarks>
/// What is fitted behind it must be in the same <see cref="EstimatorChain{TLastTransformer}"/>: ML.NET tells only the
/// chain that it is being fitted, so that a chain
/// appended to another as a whole, or a trainer fitted on <c>transformer.Transform(data)</c>, sees the audio unchanged.
/// A cache checkpoint behind it keeps the first epoch's changes.
/// </remarks>
public sealed class AudioAugmentationEstimator : TrivialEstimator<AudioAugmentationTransformer>
{
    internal AudioAugmentationEstimator(
        IHostEnvironment env, string outputColumnName, AudioAugmentation augmentation, int? seed,
        string inputColumnName)
        : base(env.Register(nameof(AudioAugmentationEstimator)),
            new AudioAugmentationTransformer(env, outputColumnName, augmentation, seed, inputColumnName))
    {
    }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.GetOutputShape(inputSchema);
}

/// <summary>
/// What <see cref="AudioAugmentationEstimator"/> gives: it passes audio on unchanged, in scoring and after loading.
/// </summary>
public sealed class AudioAugmentationTransformer : ColumnTransformer<MLAudio, MLAudio>,
    ITransformerWithDifferentMappingAtTrainingTime
{
    internal const string LoaderSignature = "SpeechData.AugmentAudio";

    private readonly string _settings;
    private readonly int _seed;
    private readonly Lazy<AudioAugmentation> _augmentation;

    internal AudioAugmentationTransformer(
        IHostEnvironment env, string outputColumnName, AudioAugmentation augmentation, int? seed,
        string inputColumnName)
        : base(env.Register(nameof(AudioAugmentationTransformer)), outputColumnName, inputColumnName)
    {
        ComponentHost.CheckValue(augmentation, nameof(augmentation));
        _settings = augmentation.ToJson();
        _seed = ContextSeed.Of(env, seed);
        _augmentation = new Lazy<AudioAugmentation>(augmentation);
    }

    private AudioAugmentationTransformer(
        IHostEnvironment env, string outputColumnName, string settings, int seed, string inputColumnName)
        : base(env.Register(nameof(AudioAugmentationTransformer)), outputColumnName, inputColumnName)
    {
        _settings = settings;
        _seed = seed;
        // Made at need only: a machine that scores has no folder of noises.
        _augmentation = new Lazy<AudioAugmentation>(() => AudioAugmentation.FromJson(settings));
    }

    /// <summary>The settings as JSON (<see cref="AudioAugmentation.ToJson"/>), also of a loaded model.</summary>
    public string Settings => _settings;

    /// <summary>Settings and seed, which decide all that is drawn.</summary>
    internal string Identity => FormattableString.Invariant($"{_settings} seed {_seed}");

    private protected override DataViewType InputType => AudioDataViewType.Instance;

    private protected override DataViewType OutputType => AudioDataViewType.Instance;

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static AudioAugmentationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: output column name
        // string: input column name
        // int: seed
        // string: settings, JSON
        ctx.CheckAtModel(GetVersionInfo());
        string output = ctx.LoadNonEmptyString();
        string input = ctx.LoadNonEmptyString();
        int seed = ctx.Reader.ReadInt32();
        return new AudioAugmentationTransformer(env, output, ctx.LoadNonEmptyString(), seed, input);
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write(_seed);
        ctx.SaveNonEmptyString(SavedSettings());
    }

    /// <summary>
    /// Without the folders of this machine that noises and impulse responses were in: a loaded model passes audio on.
    /// </summary>
    private string SavedSettings()
    {
        JsonNode? settings = JsonNode.Parse(_settings), hidden = MachinePaths.Hide(settings, null);
        return JsonNode.DeepEquals(settings, hidden) ? _settings : hidden!.ToJsonString();
    }

    /// <summary>
    /// The data for what is fitted behind. Every cursor that reads the audio is a new epoch, counted from 0: it changes
    /// each clip by the random stream of
    /// (seed, epoch, row number), on worker threads.
    /// </summary>
    /// <remarks>
    /// For what is fitted outside a chain (<c>trainer.Fit(train, validation)</c>); a chain does this by itself. Give
    /// the trainer this view of the training data, and
    /// <see cref="ITransformer.Transform"/>'s of the validation data.
    /// </remarks>
    /// <param name="input">Data with the audio column.</param>
    public IDataView TransformForTraining(IDataView input)
    {
        _ = Transform(input); // checks the input column
        int epochs = 0;
        IEnumerable<MLAudio> Augment(IEnumerable<MLAudio> rows)
        {
            int epoch = Interlocked.Increment(ref epochs) - 1;
            AudioAugmentation augmentation = _augmentation.Value;
            return ReadAheadRows.Map(
                rows.Select((audio, row) => (Audio: audio, Row: row)),
                clip => augmentation.Apply(clip.Audio, AugmentationRandom.Create(_seed, epoch, clip.Row)),
                audio => audio.Length);
        }
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(AugmentedAudio.Annotate(), _ => true);
        ClipLengths.Pass(input.Schema[InputColumnName], annotations); // scored clips are as long as they were
        DataViewSchema.DetachedColumn output = new(OutputColumnName, OutputType, annotations.ToAnnotations());
        return new RowStreamDataView<MLAudio, MLAudio>(
            ComponentHost, input, input.Schema[InputColumnName], [output], Augment, MakeGetter);
    }

    IDataView ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline(IDataView input) =>
        TransformForTraining(input);

    private protected override bool KeepsLength => true;

    private protected override MLAudio ProcessOne(MLAudio row) => row;

    private protected override IEnumerable<MLAudio> Process(IEnumerable<MLAudio> rows) => rows;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHAUGM",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(AudioAugmentationTransformer).Assembly.FullName);
}
