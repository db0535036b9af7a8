using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Dsp;
using SpeechML.Data.DataViews;
using SpeechML.Data.Extras;
using SpeechML.Data.Onnx;
using SpeechML.Onnx;
using SpeechML.Onnx.Running;

namespace SpeechML;

/// <summary>
/// Scores audio with a model that SpeechML wrote as ONNX, on ONNX Runtime: the columns, annotations and scores of the
/// model that it was. Clips are put together by length, recordings cut as the model cuts them. Columns of numbers that
/// the model was given beside the audio are found by their names. Thread safe.
/// </summary>
public sealed class SpeechOnnxTransformer
    : RowStreamTransformer<(MLAudio Audio, float[]? Extras), Array[]>, IDisposable
{
    internal const string LoaderSignature = "SpeechOnnx";

    private const string ModelEntryName = "model.onnx";

    // As SpeechML refuses them: squares of larger samples, and sums of them, leave float32.
    private const float MaxMagnitude = 1e15f;

    private readonly OnnxScorer _scorer;
    private readonly OnnxDescription _description;

    private SpeechOnnxTransformer(IHost host, string audioColumnName, OnnxScorer scorer, OnnxDescription description)
        : base(host, audioColumnName)
    {
        (_scorer, _description) = (scorer, description);
    }

    /// <summary>The sample rate in Hz that the audio must have; <c>ResampleAudio</c> gives it.</summary>
    public int SampleRate => _description.Limits.SampleRate;

    private protected override DataViewType InputType => AudioDataViewType.Instance;

    /// <summary>Frees the sessions of ONNX Runtime, once the calls in flight have ended.</summary>
    public void Dispose() => _scorer.Dispose();

    internal static SpeechOnnxTransformer Load(IHostEnvironment env, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Create(env, File.ReadAllBytes(path), $"'{path}'", folder, null);
    }

    /// <summary>The names of the columns that the model is given beside the audio.</summary>
    internal IReadOnlyList<string> FeatureColumns => [.. (_description.Features ?? []).Select(f => f.Column)];

    /// <summary>What makes those of them that are measured from the audio.</summary>
    internal IEnumerable<AudioMeasuringTransformer> Measurings(IHostEnvironment env) =>
        (_description.Measurings ?? []).Select(m => m.Transformer(env, InputColumnName));

    /// <summary>How the chain that the model stood in read files.</summary>
    internal AudioLoadingOptions Loading => _description.Loading ?? new AudioLoadingOptions();

    /// <summary>What that chain did to the audio before the model.</summary>
    internal IReadOnlyList<AudioStep> Steps => _description.Steps ?? [];

    private static SpeechOnnxTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: audio column name
        // entry model.onnx: the model
        ctx.CheckAtModel(GetVersionInfo());
        string audio = ctx.LoadNonEmptyString();
        byte[]? bytes = null;
        _ = ctx.TryLoadBinaryStream(ModelEntryName, reader =>
        {
            using var copy = new MemoryStream();
            reader.BaseStream.CopyTo(copy);
            bytes = copy.ToArray();
        });
        return bytes is null
            ? throw new FormatException($"Speech model in the zip: expected an entry {ModelEntryName}, found none.")
            : Create(env, bytes, "in the zip", null, audio);
    }

    private static SpeechOnnxTransformer Create(
        IHostEnvironment env, byte[] bytes, string what, string? folder, string? audioColumn)
    {
        IHost host = env.Register(nameof(SpeechOnnxTransformer));
        (OnnxScorer scorer, OnnxDescription description) = OnnxModelReader.Read(host, bytes, what, folder);
        return new SpeechOnnxTransformer(host, audioColumn ?? description.AudioColumn, scorer, description);
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        _scorer.ThrowIfDisposed();
        if (_scorer.File.HasExternalData)
        {
            throw new InvalidOperationException(
                "ONNX model to save in a zip: expected one with its weights inside, got one with a second file of " +
                "them. Keep both files beside the zip and load them with LoadOnnx, or export float16 weights.");
        }
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(InputColumnName);
        ctx.SaveBinaryStream(ModelEntryName, writer => writer.Write(_scorer.File.Bytes));
    }

    private protected override void ThrowIfDisposed() => _scorer.ThrowIfDisposed();

    private protected override IEnumerable<Array[]> Process(IEnumerable<(MLAudio Audio, float[]? Extras)> rows)
    {
        _scorer.ThrowIfDisposed();
        return _scorer.Run(rows.Select(r => new OnnxClip(Samples(r.Audio), r.Extras))).Select(r => r.Columns);
    }

    private protected override Array[] ProcessOne((MLAudio Audio, float[]? Extras) row) => Process([row]).Single();

    private protected override StreamInput<(MLAudio Audio, float[]? Extras)> FindInput(DataViewSchema schema) =>
        ExtraColumns.Input(FindMainInput(schema), schema, _description.Features ?? []);

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema) =>
        [.. _description.Columns.Select(c => c.Build(inputSchema))];

    private protected override Delegate MakeGetter(int column, Func<Array[]> current)
    {
        OnnxColumn description = _description.Columns[column];
        T[] Values<T>() => (T[])current()[column];
        return (description.Element, description.Size) switch
        {
            (OnnxElement.Key, _) => (ValueGetter<uint>)((ref uint value) => value = Values<uint>()[0]),
            (OnnxElement.Text, _) => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) =>
                value = Values<string>()[0].AsMemory()),
            (OnnxElement.Boolean, 0) => (ValueGetter<bool>)((ref bool value) => value = Values<bool>()[0]),
            (OnnxElement.Boolean, _) => VectorColumn.Getter(Values<bool>),
            (_, 0) => (ValueGetter<float>)((ref float value) => value = Values<float>()[0]),
            _ => VectorColumn.Getter(Values<float>),
        };
    }

    private float[] Samples(MLAudio audio)
    {
        OnnxLimits limits = _description.Limits;
        if (audio is null)
        {
            throw new InvalidOperationException($"Column '{InputColumnName}': expected audio, got nothing.");
        }
        string what = audio.Source is null ? $"Column '{InputColumnName}'"
            : $"Column '{InputColumnName}', '{audio.Source}'";
        if (audio.SampleRate != limits.SampleRate)
        {
            throw new InvalidOperationException(
                $"{what}: expected audio at {limits.SampleRate} Hz, the rate of the encoder '{limits.Family}', got " +
                $"{audio.SampleRate} Hz. Put ResampleAudio(\"{InputColumnName}\", {limits.SampleRate}) before.");
        }
        bool refused = limits.Rule == LongAudioRule.Error && limits.IsLong(audio.Length);
        if (audio.Length < limits.MinSamples || refused)
        {
            string expected = limits.Rule == LongAudioRule.Error && limits.Whole is { } most
                ? $"{limits.MinSamples} to {most}" : $"at least {limits.MinSamples}";
            string remedy = refused ? " Cut it before, or fit the model with another LongAudio.Rule than Error." : "";
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{what}: expected {expected} samples at {limits.SampleRate} Hz for the encoder " +
                $"'{limits.Family}', got {audio.Length} ({audio.Duration.TotalSeconds:F3} s).{remedy}"));
        }
        float[] samples = limits.Rule == LongAudioRule.Truncate && limits.IsLong(audio.Length)
            ? audio.GetArray()[..(int)limits.Whole!.Value] : audio.GetArray();
        return SampleMath.Peak(samples) is var peak && peak <= MaxMagnitude ? samples
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{what}: expected samples nominally in [-1, 1] (at most {MaxMagnitude:g1} in magnitude), got " +
                $"{peak}. Scale the audio before, or leave the clip out."));
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHONNX",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SpeechOnnxTransformer).Assembly.FullName);
}
