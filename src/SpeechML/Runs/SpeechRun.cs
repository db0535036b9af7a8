using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Common;
using SpeechML.Runs;
using SpeechML.Runs.Scoring;

namespace SpeechML;

/// <summary>
/// A run folder: settings, a log line per epoch, the model, what it said about each clip and how good that is. On a
/// disk or in a store (<c>gs://</c>). Everything but the
/// log is written under a temporary name, flushed and renamed. Made by <c>mlContext.Speech().CreateRun</c>, read again
/// by <see cref="Open"/>.
/// </summary>
public sealed class SpeechRun : IDisposable
{
    private readonly List<RunEpoch> _epochs;
    private readonly List<RunPrediction> _predictions;
    private readonly List<RunEvaluation> _evaluations;
    private readonly List<RunClip> _clips;
    private readonly List<RunClip> _typicalClips;
    private readonly SpeechRunOptions? _options;
    private readonly TensorBoardWriter? _board;
    private readonly RunLog? _log;

    private SpeechRun(string folder, SpeechRunOptions? options)
    {
        Folder = folder;
        _options = options;
        _epochs = RunEpoch.Read(At(RunFiles.TrainLog));
        _predictions = RunPrediction.Read(At(RunFiles.Predictions));
        _evaluations = RunFiles.ReadJson<List<RunEvaluation>>(At(RunFiles.Evaluation), []);
        _clips = ReadClips(StoragePath.Combine(ClipsFolder, RunFiles.Clips));
        _typicalClips = ReadClips(StoragePath.Combine(ClipsFolder, RunFiles.TypicalClips));
        RunEnvironment = RunFiles.ReadJson(At(RunFiles.Environment), new RunEnvironment());
        DataCheck = RunFiles.ReadJson<SpeechDataReport?>(At(RunFiles.DataCheck), null);
        if (options is not null)
        {
            _board = options.TensorBoard ? new TensorBoardWriter(TensorBoardFolder) : null;
            _log = new RunLog(At(RunFiles.TrainLog), _board, options.Progress, epoch =>
            {
                _epochs.RemoveAll(e => e.Epoch >= epoch.Epoch);
                _epochs.Add(epoch);
            });
        }
    }

    /// <summary>The run's folder: its whole path or its address.</summary>
    public string Folder { get; }

    /// <summary>Its name.</summary>
    public string Name => StoragePath.FileName(Folder);

    /// <summary>Where the model of the best epoch is put.</summary>
    public string BestFolder => At("best");

    /// <summary>
    /// Where the model of the last epoch is put; a place for <see cref="CheckpointOptions.Folder"/>, too.
    /// </summary>
    public string LastFolder => At("last");

    /// <summary>Where the event files are.</summary>
    public string TensorBoardFolder => At("tensorboard");

    /// <summary>Where the WAV files of <see cref="Clips"/> are.</summary>
    public string ClipsFolder => At("clips");

    /// <summary>
    /// The saved model: that of the best epoch, else that of the last; <see langword="null"/> where none is saved.
    /// </summary>
    public string? ModelFile =>
        new[] { BestFolder, LastFolder }.Select(f => StoragePath.Combine(f, RunFiles.Model))
        .FirstOrDefault(StoragePath.Exists);

    /// <summary>What to give the trainer: writes the log, and tells <see cref="SpeechRunOptions.Progress"/>.</summary>
    /// <exception cref="InvalidOperationException">The run was opened to be read.</exception>
    public IProgress<TrainingProgress> Progress => _log ?? throw OnlyRead();

    /// <summary>The epochs so far.</summary>
    public IReadOnlyList<RunEpoch> Epochs => _epochs;

    /// <summary>What the model said about the clips of all parts that it was evaluated on.</summary>
    public IReadOnlyList<RunPrediction> Predictions => _predictions;

    /// <summary>How good that is, by part.</summary>
    public IReadOnlyList<RunEvaluation> Evaluations => _evaluations;

    /// <summary>The clips that the model got most wrong, by part, the worst first.</summary>
    public IReadOnlyList<RunClip> Clips => _clips;

    /// <summary>Clips whose loss is nearest to the median of their part, by part.</summary>
    public IReadOnlyList<RunClip> TypicalClips => _typicalClips;

    /// <summary>
    /// The network against plain models on numbers of the same clips, <c>baselines.json</c>; empty where none were
    /// fitted.
    /// </summary>
    public IReadOnlyList<RunBaseline> Baselines => RunFiles.ReadJson<List<RunBaseline>>(At(RunFiles.Baselines), []);

    /// <summary>
    /// What the acoustic measures (or other numbers) of its clips say, part by part, <c>measures.json</c>; empty where
    /// no plain models were fitted.
    /// </summary>
    public IReadOnlyList<RunMeasures> Measures => RunFiles.ReadJson<List<RunMeasures>>(At(RunFiles.Measures), []);

    /// <summary>What it ran on, and what data.</summary>
    public RunEnvironment RunEnvironment { get; private set; }

    /// <summary>
    /// What the check of the data found, <c>data_check.json</c>; <see langword="null"/> where there was none.
    /// </summary>
    public SpeechDataReport? DataCheck { get; private set; }

    /// <summary>Reads the settings of the training, <c>train_config.json</c>.</summary>
    public JsonElement TrainConfig() => RunFiles.ReadJson(At(RunFiles.TrainConfig), default(JsonElement));

    /// <summary>
    /// Reads what the model is made of, <c>model_config.json</c>; its encoder's own configuration is there once the
    /// model is
    /// saved.
    /// </summary>
    public JsonElement ModelConfig() => RunFiles.ReadJson(At(RunFiles.ModelConfig), default(JsonElement));

    /// <summary>
    /// The settings of the training as they are shown to others, in reports and TensorBoard: absolute paths only from
    /// the run's folder on, or their last name.
    /// </summary>
    internal JsonNode? PublicConfig() => MachinePaths.Hide(
        TrainConfig() is { ValueKind: JsonValueKind.Object } config ? JsonNode.Parse(config.GetRawText()) : null,
        Folder);

    /// <exception cref="DirectoryNotFoundException">The folder or its settings are gone.</exception>
    internal RunManifest Manifest()
    {
        CheckIsThere();
        return RunManifest.Of(TrainConfig());
    }

    /// <summary>The context that the run was made with, whose cancellation ends an evaluation.</summary>
    internal ICancelable? Context { get; set; }

    /// <summary>Resamples of the intervals.</summary>
    internal int Resamples => _options?.Resamples ?? 0;

    /// <summary>How many clips are kept per part.</summary>
    internal int WorstClips => _options?.WorstClips ?? 0;

    /// <summary>How many of each kind are explained per part.</summary>
    internal int ExplainedClips => _options?.ExplainedClips ?? 0;

    /// <summary>Reads a run that was written, also one that is still going on.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder, or it holds no run.</exception>
    /// <exception cref="InvalidDataException">A file of it cannot be read; names it.</exception>
    public static SpeechRun Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = RunStorage.Resolve(folder);
        return StoragePath.Exists(StoragePath.Combine(path, RunFiles.TrainConfig))
            ? new SpeechRun(path, null)
            : throw new DirectoryNotFoundException(
                $"Run '{folder}': expected a folder with {RunFiles.TrainConfig}, found " +
                $"{(RunStorage.Exists(path) ? "none in it" : "no such folder")}.");
    }

    /// <summary>
    /// Puts in what <c>mlContext.Speech().CheckData</c> found, to be shown in the report; an earlier check is replaced.
    /// </summary>
    /// <exception cref="InvalidOperationException">The run was opened to be read.</exception>
    public void RecordCheck(SpeechDataReport check)
    {
        ArgumentNullException.ThrowIfNull(check);
        CheckWritable();
        RunFiles.WriteJson(At(RunFiles.DataCheck), check);
        DataCheck = check;
    }

    /// <summary>Ends the writing of the log.</summary>
    public void Dispose() => _log?.Dispose();

    /// <summary>Makes the folder, whole or not at all.</summary>
    internal static SpeechRun Create(
        string runs, SpeechTrainingOptions training, SpeechRunOptions options, RunEnvironment environment)
    {
        options.Validate();
        string name = options.Name.Length > 0 ? options.Name : RunName.Of(training);
        string root = RunStorage.Resolve(runs);
        string trainConfig = JsonSerializer.Serialize(training, training.GetType(), RunFiles.Json);
        (string, string)[] first =
            [(RunFiles.TrainConfig, trainConfig), (RunFiles.ModelConfig, ModelConfigOf(training)),
            (RunFiles.Environment, JsonSerializer.Serialize(environment, RunFiles.Json))];
        for (int number = 1; ; number++)
        {
            string folder = StoragePath.Combine(
                root, number == 1 ? name : FormattableString.Invariant($"{name}-{number}"));
            if (!RunStorage.Exists(folder) && RunStorage.TryClaim(folder, first))
            {
                return new SpeechRun(folder, options);
            }
            switch (options.WhenExists)
            {
                case ExistingRun.Fail:
                    throw new IOException(
                        $"Run '{folder}': expected no run of that name, got one that is there already. Nothing was " +
                        $"overwritten: give {nameof(SpeechRunOptions)}.{nameof(SpeechRunOptions.Name)}, or set " +
                        $"{nameof(SpeechRunOptions.WhenExists)} to {nameof(ExistingRun.NextNumber)} or " +
                        $"{nameof(ExistingRun.Resume)}.");
                case ExistingRun.Resume:
                    CheckSame(folder, training, trainConfig);
                    RunStorage.Complete(folder, first);
                    return new SpeechRun(folder, options);
            }
        }
    }

    /// <summary>Adds the evaluation of one part; what an earlier one said about it is replaced.</summary>
    internal void Add(RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions,
        IReadOnlyList<KeptClip> worst, IReadOnlyList<KeptClip>? typical = null)
    {
        CheckWritable();
        _predictions.RemoveAll(p => p.Split == evaluation.Split);
        _predictions.AddRange(predictions);
        RunPrediction.Write(At(RunFiles.Predictions), _predictions);
        _evaluations.RemoveAll(e => e.Split == evaluation.Split);
        _evaluations.Add(evaluation);
        RunFiles.WriteJson(At(RunFiles.Evaluation), _evaluations);
        Keep(_clips, worst, evaluation.Split, RunFiles.Clips);
        Keep(_typicalClips, typical ?? [], evaluation.Split, RunFiles.TypicalClips);
        WriteToBoard(evaluation, predictions);
    }

    /// <summary>Adds plain models of one part; what was said before of it is replaced.</summary>
    internal void Add(string split, IReadOnlyList<RunBaseline> baselines)
    {
        CheckWritable();
        RunFiles.WriteJson(At(RunFiles.Baselines), Baselines.Where(b => b.Split != split).Concat(baselines).ToList());
    }

    /// <summary>Adds what measures say of one part; what was said before of it is replaced.</summary>
    internal void Add(RunMeasures measures)
    {
        CheckWritable();
        RunFiles.WriteJson(
            At(RunFiles.Measures), Measures.Where(m => m.Split != measures.Split).Append(measures).ToList());
    }

    private void Keep(List<RunClip> all, IReadOnlyList<KeptClip> clips, string split, string file)
    {
        all.RemoveAll(c => c.Split == split);
        foreach ((RunClip clip, ReadOnlyMemory<float> samples) in clips)
        {
            RunClip.WriteWav(StoragePath.Combine(ClipsFolder, clip.File), samples, clip.SampleRate);
            all.Add(clip);
        }
        if (all.Count > 0)
        {
            RunFiles.WriteJson(StoragePath.Combine(ClipsFolder, file), all);
        }
    }

    /// <summary>Says what data a part is.</summary>
    internal void AddData(string split, RunData data) =>
        WriteEnvironment(RunEnvironment with
        {
            Data =
            new Dictionary<string, RunData>(RunEnvironment.Data) { [split] = data }
        });

    /// <summary>Takes the model in.</summary>
    /// <param name="save">Writes its zip to a file of that name.</param>
    /// <param name="modelConfig">What it is made of; <see langword="null"/> where that is not known.</param>
    /// <param name="best">Whether it is the best epoch's.</param>
    internal void Complete(Action<string> save, string? modelConfig, bool best)
    {
        CheckWritable();
        RunFiles.WriteFile(StoragePath.Combine(best ? BestFolder : LastFolder, RunFiles.Model), save);
        if (modelConfig is not null)
        {
            RunFiles.WriteText(At(RunFiles.ModelConfig), modelConfig);
        }
        WriteEnvironment(RunEnvironment with { Finished = DateTime.UtcNow });
        _board?.Flush();
    }

    // A run may come from elsewhere: what it names outside its folder would be read, and embedded into a report.
    private static List<RunClip> ReadClips(string path)
    {
        List<RunClip> clips = RunFiles.ReadJson<List<RunClip>>(path, [], RunClip.Upgrade);
        int outside = clips.FindIndex(c => c?.File is null || !RunSlug.IsBelow(c.File));
        return outside < 0 ? clips
            : throw new InvalidDataException(
                $"Run file '{path}': expected the name of a file in the same folder for each clip, got " +
                $"'{clips[outside]?.File ?? "nothing"}'. The run was not written by SpeechML, or was changed.");
    }

    private static string ModelConfigOf(SpeechTrainingOptions o) => JsonSerializer.Serialize(
        new
        {
            o.Encoder,
            o.Layers,
            o.LayerCombination,
            o.WhisperContext,
            o.Precision,
            o.Pooling,
            o.Head,
            Lora = o.Lora.Rank > 0 ? o.Lora : null
        }, RunFiles.Json);

    private static void CheckSame(string folder, SpeechTrainingOptions training, string trainConfig)
    {
        string path = StoragePath.Combine(folder, RunFiles.TrainConfig);
        if (!StoragePath.Exists(path))
        {
            throw new IOException(
                $"Run '{folder}': expected a run to go on with, got a folder without {RunFiles.TrainConfig}.");
        }
        using JsonDocument now = JsonDocument.Parse(trainConfig);
        JsonElement then = RunFiles.ReadJson(path, default(JsonElement));
        if (RunManifest.Difference(training.GetType(), then, now.RootElement) is { } difference)
        {
            throw new IOException(
                $"Run '{folder}': expected the settings that it was begun with, got others: {difference.Name} is " +
                $"{difference.Then} in {RunFiles.TrainConfig}, {difference.Now} now. Nothing was overwritten.");
        }
    }

    private void WriteToBoard(RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions)
    {
        if (_board is null)
        {
            return;
        }
        long step = _epochs.Count == 0 ? 0 : _epochs[^1].Epoch;
        foreach ((string name, RunFigure figure) in evaluation.Figures)
        {
            if (figure.Value is { } value)
            {
                _board.AddScalar($"{evaluation.Split}/{name}", value, step);
            }
        }
        IReadOnlyList<RunPrediction> evaluated = RunThresholds.Evaluated(evaluation, predictions);
        foreach (RunLabelEvaluation label in evaluation.Labels)
        {
            RunPrediction[] rated = [.. evaluated.Where(p => p.Label == label.Label && p.Target is not null)];
            if (label.Positives > 0)
            {
                _board.AddPrecisionRecall(
                    $"{evaluation.Split}/{label.Label}", [.. rated.Select(p => p.Target == 1)],
                    [.. rated.Select(p => Math.Clamp(p.Probability!.Value, 0, 1))], step);
            }
        }
        _board.AddText("train_config", $"```json\n{PublicConfig()}\n```", 0);
        _board.Flush();
    }

    private void WriteEnvironment(RunEnvironment environment)
    {
        CheckWritable();
        RunFiles.WriteJson(At(RunFiles.Environment), environment);
        RunEnvironment = environment;
    }

    private void CheckWritable()
    {
        if (_log is null)
        {
            throw OnlyRead();
        }
        CheckIsThere();
    }

    /// <summary>Writing would make a folder anew that somebody has removed, with a part of the run.</summary>
    private void CheckIsThere()
    {
        if (!StoragePath.Exists(At(RunFiles.TrainConfig)))
        {
            throw new DirectoryNotFoundException(
                $"Run folder '{Folder}': expected the run to stay in place, got " +
                $"{(RunStorage.Exists(Folder) ? $"a folder without {RunFiles.TrainConfig}" : "no such folder")}: it " +
                $"was removed or renamed since the run was opened.");
        }
    }

    private InvalidOperationException OnlyRead() =>
        new($"Run '{Name}': expected one made by CreateRun, because it is to be written, got one opened to be read.");

    private string At(string name) => StoragePath.Combine(Folder, name);
}
