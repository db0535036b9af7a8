using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SpeechML.Model;
using TorchSharp;

namespace SpeechML.Training.Checkpoints;

/// <summary>
/// The checkpoints of one run in a folder, on a disk or in a store: <c>step-0000000120.safetensors</c> with tensors
/// <c>weights.*</c>, <c>optimizer.*</c>, <c>best.*</c> and
/// <see cref="CheckpointMetadata"/> as JSON in the header's metadata. One file, written under a temporary name, flushed
/// and renamed: weights and numbers
/// are always of the same step. The folder is locked while the run lasts.
/// </summary>
internal sealed class TrainingCheckpoints : IDisposable
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private const string FactsKey = "run";
    private const string WeightsPrefix = "weights.";
    private const string OptimizerPrefix = "optimizer.";
    private const string BestPrefix = "best.";

    /// <summary>
    /// How many are kept, the last one and the one before: a disk may lose the newest file when the power goes.
    /// </summary>
    public const int Kept = 2;

    private readonly string _folder;
    private readonly SpeechTrainingOptions _options;
    private readonly RunIdentity _identity;
    private readonly CheckpointStorage _place;
    private readonly IReadOnlyList<string>? _resumable;

    private TrainingCheckpoints(
        SpeechTrainingOptions options, RunIdentity identity, CheckpointStorage place, IReadOnlyList<string>? resumable)
    {
        _resumable = resumable;
        _folder = options.Checkpoints.Folder;
        _options = options;
        _identity = identity;
        _place = place;
    }

    /// <summary>Takes the folder, which is made if need be.</summary>
    /// <param name="options">Name the folder.</param>
    /// <param name="identity">The run.</param>
    /// <param name="resumable">The checkpoints that the run may go on from, newest first, in this folder or others;
    /// <see langword="null"/> for all in the folder.</param>
    /// <exception cref="IOException">It cannot be made or written to, or another run uses it.</exception>
    public static TrainingCheckpoints Open(
        SpeechTrainingOptions options, RunIdentity identity, IReadOnlyList<string>? resumable = null)
    {
        string folder = options.Checkpoints.Folder;
        try
        {
            return new TrainingCheckpoints(options, identity, CheckpointStorage.Open(folder), resumable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"Option Checkpoints.Folder: expected a folder that can be written to and that no " +
                $"other run is using, got '{folder}'. {e.Message}", e);
        }
    }

    /// <summary>Goes on where the newest whole checkpoint is, if there is one.</summary>
    /// <exception cref="InvalidOperationException">It is of another run; the message says what differs.</exception>
    /// <exception cref="CheckpointException">There are checkpoints, and none can be read.</exception>
    public void Resume(SpeechNetwork network, TrainingState state, TrainingOptimizer optimizer)
    {
        using SafetensorsFile? opened = OpenNewest();
        if (_resumable is not null)
        {
            // Of steps that are done again.
            long done = opened is null ? -1 : CheckpointStorage.StepOf(opened.Path);
            foreach (string path in CheckpointStorage.FilesOf(_folder).Where(p => CheckpointStorage.StepOf(p) > done))
            {
                _place.Delete(path);
            }
        }
        if (opened is not { } file)
        {
            return;
        }
        using DisposeScope scope = torch.NewDisposeScope();
        CheckpointMetadata facts = ReadFacts(file);
        if (_identity.DifferenceFrom(facts.Identity.AsOf(_options.GetType())) is { } difference)
        {
            throw new InvalidOperationException(
                $"Checkpoint '{file.Path}' is of another run: {difference}. Give this run a " +
                $"Checkpoints.Folder of its own, or delete the checkpoints.");
        }
        SortedDictionary<string, torch.Tensor> live = WeightSnapshot.Live(network);
        Dictionary<string, torch.Tensor> weights = Read(file, WeightsPrefix);
        CheckNames(file.Path, live, weights);
        WeightSnapshot.Copy(weights, live);
        optimizer.LoadState(Read(file, OptimizerPrefix));
        optimizer.Plateau = facts.Plateau;
        if (optimizer.Scaling is { } scaling && facts.LossScale is { } scale)
        {
            scaling.State = scale;
        }
        state.Load(facts, Read(file, BestPrefix));
    }

    /// <summary>Writes a checkpoint where one is due, and always at the end of the run.</summary>
    /// <param name="network">The weights.</param>
    /// <param name="state">How far the run is.</param>
    /// <param name="optimizer">Its moments.</param>
    /// <param name="epochEnded">The epoch that ends with this step; <see langword="null"/> within an epoch.</param>
    /// <exception cref="IOException">It could not be written; the checkpoints before it are as they were. Or the folder
    /// was removed.</exception>
    public void SaveIfDue(SpeechNetwork network, TrainingState state, TrainingOptimizer optimizer, int? epochEnded)
    {
        _place.CheckIsThere();
        bool due = (_options.Checkpoints.EverySteps > 0 && state.Step % _options.Checkpoints.EverySteps == 0)
            || (epochEnded is { } epoch
                && (epoch % _options.Checkpoints.EveryEpochs == 0 || epoch == _options.Epochs || state.ShouldStop));
        if (!due)
        {
            return;
        }
        string path = StoragePath.Combine(
            _folder, string.Create(CultureInfo.InvariantCulture, $"step-{state.Step:D10}.safetensors"));
        try
        {
            _place.Write(path, file => Write(file, network, state, optimizer));
            foreach (string old in CheckpointStorage.FilesOf(_folder).SkipLast(Kept))
            {
                _place.Delete(old);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"Checkpoint '{path}' could not be written. {e.Message} Make room or choose another " +
                $"Checkpoints.Folder; checkpoints written before are whole, and the " +
                $"same run started again goes on from the last one.", e);
        }
    }

    public void Dispose() => _place.Dispose();

    private void Write(string path, SpeechNetwork network, TrainingState state, TrainingOptimizer optimizer)
    {
        var facts = new CheckpointMetadata(
            CheckpointMetadata.CurrentFormat, _identity, state.Step, state.EpochSum, state.EpochWeight, state.Stopping,
            optimizer.Plateau, optimizer.Scaling?.State);
        (string Name, torch.Tensor Tensor)[] tensors =
        [
            .. WeightSnapshot.Live(network).Select(t => (WeightsPrefix + t.Key, t.Value)),
            .. optimizer.State.Select(t => (OptimizerPrefix + t.Key, t.Value)),
            .. state.BestWeights.Select(t => (BestPrefix + t.Key, t.Value)),
        ];
        SafetensorsFile.Write(path, tensors,
            new Dictionary<string, string> { [FactsKey] = JsonSerializer.Serialize(facts, Json) });
    }

    /// <summary>
    /// The newest checkpoint that is whole: the one before the last serves where a failing disk or a lost power supply
    /// broke that.
    /// </summary>
    private SafetensorsFile? OpenNewest()
    {
        CheckpointException? first = null;
        foreach (string path in _resumable ?? CheckpointStorage.FilesOf(_folder).Reverse())
        {
            try
            {
                return _place.Read(path);
            }
            catch (Exception e) when (_resumable is not null && (IsGone(e) || IsGone(e.InnerException)))
            {
                // Another worker had no more use for it.
            }
            catch (CheckpointException e)
            {
                first ??= e;
            }
        }
        return first is null ? null : throw first;
    }

    private static bool IsGone(Exception? e) => e is FileNotFoundException or DirectoryNotFoundException
        or StorageException { Kind: StorageErrorKind.NotFound };

    private static CheckpointMetadata ReadFacts(SafetensorsFile file)
    {
        try
        {
            CheckpointMetadata? facts = file.Metadata.TryGetValue(FactsKey, out string? json)
                ? JsonSerializer.Deserialize<CheckpointMetadata>(json, Json) : null;
            return facts is { Format: CheckpointMetadata.CurrentFormat }
                ? facts
                : throw new CheckpointException(
                    file.Path, null, $"a training checkpoint of format {CheckpointMetadata.CurrentFormat}",
                    facts is null ? "another kind of file" : $"format {facts.Format}");
        }
        catch (JsonException e)
        {
            throw new CheckpointException(
                file.Path, null, $"metadata '{FactsKey}' of a training checkpoint", e.Message, e);
        }
    }

    private static Dictionary<string, torch.Tensor> Read(SafetensorsFile file, string prefix) =>
        file.Entries.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(k => k[prefix.Length..], file.Read, StringComparer.Ordinal);

    private static void CheckNames(
        string path, SortedDictionary<string, torch.Tensor> live, Dictionary<string, torch.Tensor> weights)
    {
        if (live.Keys.Except(weights.Keys).Concat(weights.Keys.Except(live.Keys)).FirstOrDefault() is { } odd)
        {
            throw new CheckpointException(
                path, odd, live.ContainsKey(odd) ? "this tensor, which trains" : "no such tensor",
                live.ContainsKey(odd) ? "none" : "one");
        }
    }
}
