using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Audio;
using SpeechML.Audio.Storage;
using SpeechML.Data.AudioColumns;
using SpeechML.Data.DataViews;

namespace SpeechML;

/// <summary>
/// Reads audio files named by a text column into a column of <see cref="MLAudio"/>; decoding runs ahead on other
/// threads.
/// </summary>
public sealed class AudioLoadingEstimator : TrivialEstimator<AudioLoadingTransformer>
{
    internal AudioLoadingEstimator(
        IHostEnvironment env, string outputColumnName, string? audioFolder, string inputColumnName,
        AudioLoadingOptions options)
        : base(env.Register(nameof(AudioLoadingEstimator)),
            new AudioLoadingTransformer(env, outputColumnName, audioFolder, inputColumnName, options))
    {
    }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.GetOutputShape(inputSchema);
}

/// <summary>What <see cref="AudioLoadingEstimator"/> gives.</summary>
public sealed class AudioLoadingTransformer : ColumnTransformer<ReadOnlyMemory<char>, MLAudio>
{
    internal const string LoaderSignature = "SpeechData.LoadAudio";

    private readonly string? _folder;
    private readonly bool _folderLeftOut; // of a saved model
    private readonly AudioLoadingOptions _options;

    internal AudioLoadingTransformer(
        IHostEnvironment env, string outputColumnName, string? audioFolder, string inputColumnName,
        AudioLoadingOptions options, bool folderLeftOut = false)
        : base(env.Register(nameof(AudioLoadingTransformer)), outputColumnName, inputColumnName)
    {
        options.Validate();
        _folder = audioFolder;
        _folderLeftOut = folderLeftOut;
        _options = options with { };
    }

    /// <summary>What is done with files that are cut off, silent, or have several channels.</summary>
    internal AudioLoadingOptions Options => _options;

    /// <summary>Whether the folder is one of this machine, which says nothing on another.</summary>
    private bool IsMachineFolder =>
        !string.IsNullOrEmpty(_folder) && !StoragePath.IsRemote(_folder) && Path.IsPathRooted(_folder);

    private protected override DataViewType InputType => TextDataViewType.Instance;

    private protected override DataViewType OutputType => AudioDataViewType.Instance;

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static AudioLoadingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: output column name
        // string: input column name
        // string or null: folder (from version 0x00010003 on: an absolute one only where SaveFolder is set)
        // int: layout, int: truncated, int: silent (the enums' numbers)
        // from version 0x00010002 on: int: channel (-1 for the mean), int: cancelling channels, int: out of range
        // from version 0x00010003 on: Boolean: an absolute folder was left out, Boolean: save folder
        // from version 0x00010004 on: int: sample rate (0 for the file's own)
        ctx.CheckAtModel(GetVersionInfo());
        string output = ctx.LoadNonEmptyString();
        string input = ctx.LoadNonEmptyString();
        string? folder = ctx.LoadStringOrNull();
        var options = new AudioLoadingOptions
        {
            Layout = ModelEntry.ReadEnum<AudioLayout>(ctx),
            Truncated = ModelEntry.ReadEnum<SuspectAudioHandling>(ctx),
            Silent = ModelEntry.ReadEnum<SuspectAudioHandling>(ctx),
            CancellingChannels = SuspectAudioHandling.Keep, // as before there was the option
            OutOfRange = SuspectAudioHandling.Keep,
        };
        if (ctx.Header.ModelVerWritten >= 0x00010002)
        {
            int channel = ctx.Reader.ReadInt32();
            options.Channel = channel < 0 ? null : channel;
            options.CancellingChannels = ModelEntry.ReadEnum<SuspectAudioHandling>(ctx);
            options.OutOfRange = ModelEntry.ReadEnum<SuspectAudioHandling>(ctx);
        }
        bool leftOut = false;
        if (ctx.Header.ModelVerWritten >= 0x00010003)
        {
            leftOut = ctx.Reader.ReadBoolean();
            options.SaveFolder = ctx.Reader.ReadBoolean();
        }
        if (ctx.Header.ModelVerWritten >= 0x00010004)
        {
            int rate = ctx.Reader.ReadInt32();
            options.SampleRate = rate == 0 ? null : rate;
        }
        return new AudioLoadingTransformer(env, output, folder, input, options, leftOut);
    }

    /// <summary>The same, but for the folder.</summary>
    internal AudioLoadingTransformer InFolder(IHostEnvironment env, string? folder) =>
        new(env, OutputColumnName, folder, InputColumnName, _options);

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        bool leaveOut = IsMachineFolder && !_options.SaveFolder;
        ctx.SaveStringOrNull(leaveOut ? null : _folder);
        ctx.Writer.Write((int)_options.Layout);
        ctx.Writer.Write((int)_options.Truncated);
        ctx.Writer.Write((int)_options.Silent);
        ctx.Writer.Write(_options.Channel ?? -1);
        ctx.Writer.Write((int)_options.CancellingChannels);
        ctx.Writer.Write((int)_options.OutOfRange);
        ctx.Writer.Write(leaveOut || _folderLeftOut);
        ctx.Writer.Write(_options.SaveFolder);
        ctx.Writer.Write(_options.SampleRate ?? 0);
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema) =>
        [new(OutputColumnName, OutputType, ClipLengths.Annotate(InputColumnName, Seconds))];

    private protected override MLAudio ProcessOne(ReadOnlyMemory<char> row) => Load(row.ToString());

    private protected override IEnumerable<MLAudio> Process(IEnumerable<ReadOnlyMemory<char>> rows)
    {
        using IEnumerator<string> names = rows.Select(r => r.ToString()).GetEnumerator();
        if (!names.MoveNext())
        {
            yield break;
        }
        using var stop = new CancellationTokenSource();
        string first = names.Current;
        IEnumerable<MLAudio> audio = StoredAudio.Applies(_folder, first)
            ? Fetched(Rest(names), ObjectStores.For(StoragePath.IsRemote(first) ? first : _folder!).ParallelReads,
                stop.Token)
            : ReadAheadRows.Map(Rest(names), Load, a => a.Length);
        IEnumerator<MLAudio> results = audio.GetEnumerator();
        try
        {
            while (results.MoveNext())
            {
                yield return results.Current;
            }
        }
        finally
        {
            stop.Cancel(); // before the workers are waited for
            results.Dispose();
        }
    }

    /// <summary>
    /// Two stages: many transfers at a time hide the store's latency, decoding needs as many threads as there are
    /// processors.
    /// </summary>
    private IEnumerable<MLAudio> Fetched(IEnumerable<string> names, int parallelReads, CancellationToken stop)
    {
        var stored = new StoredAudio(_folder, _options.Layout);
        using var ahead = new FetchAhead<(string File, string Address)>(parallelReads);
        IEnumerable<Task<(string File, string Address)>> files = ahead.Map(
            names, name => StoredAudio.Applies(_folder, name) ? stored.FetchAsync(name, indexed: true, stop)
            : Task.FromResult(Local(name)));
        foreach (MLAudio audio in ReadAheadRows.Map(files, Decode, a => a.Length))
        {
            yield return audio;
        }
    }

    private MLAudio Decode(Task<(string File, string Address)> fetched)
    {
        (string file, string address) = fetched.GetAwaiter().GetResult();
        return MLAudio.FromCopy(file, address, _options);
    }

    private (string File, string Address) Local(string name)
    {
        string path = Resolve(name);
        return (path, path);
    }

    private string Resolve(string name)
    {
        try
        {
            return AudioPath.Resolve(_folder, name, _options.Layout);
        }
        catch (AudioException e) when (e.Kind == AudioErrorKind.NotFound && _folderLeftOut)
        {
            throw new AudioException(e.Kind, e.FileName,
                $"{e.Problem} The model was saved without the folder of the machine that trained it: say where the " +
                $"recordings are by mlContext.Speech().WithAudioFolder(model, folder), or give full paths.", e);
        }
    }

    private static IEnumerable<string> Rest(IEnumerator<string> names)
    {
        do
        {
            yield return names.Current;
        }
        while (names.MoveNext());
    }

    private double? Seconds(string name) =>
        StoredAudio.Applies(_folder, name) ? null : AudioFile.Seconds(Resolve(name));

    private MLAudio Load(string name)
    {
        if (!StoredAudio.Applies(_folder, name))
        {
            return MLAudio.FromFile(Resolve(name), _options);
        }
        (string file, string address) = new StoredAudio(_folder, _options.Layout).Fetch(name, indexed: false, default);
        return MLAudio.FromCopy(file, address, _options);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHLOAD",
        verWrittenCur: 0x00010004, // the sample rate
        verReadableCur: 0x00010004,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(AudioLoadingTransformer).Assembly.FullName);
}
