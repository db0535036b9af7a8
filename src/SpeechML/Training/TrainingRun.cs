using SpeechML.Model;
using SpeechML.Training.Checkpoints;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>What one fit trains, on what and how.</summary>
/// <param name="Network">The network; it is left in evaluation mode.</param>
/// <param name="Data">The training clips.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Options">Validated options.</param>
/// <param name="Device">Where the network is.</param>
internal sealed record TrainingRun(
    SpeechNetwork Network, TrainingSet Data, Loss Loss, SpeechTrainingOptions Options, Device Device)
{
    /// <summary>The batches of each epoch; shuffled by the seed unless said otherwise.</summary>
    public TrainingOrder Order { get; init; } = TrainingOrder.Shuffled(Data.Lengths, Options);

    /// <summary>What every epoch is evaluated on; <see langword="null"/> for nothing.</summary>
    public ValidationSet? Validation { get; init; }

    /// <summary>
    /// Called before every epoch but the first with its number, to change the clips; <see langword="null"/> where they
    /// stay the same.
    /// </summary>
    public Action<int>? Refresh { get; init; }

    /// <summary>Told about every step.</summary>
    public IProgress<TrainingProgress>? Observer { get; init; }

    /// <summary>Throws when the fit is to be cancelled.</summary>
    public Action ThrowIfCancelled { get; init; } = () => { };

    /// <summary>Where the fit is saved and resumed from; <see langword="null"/> for nowhere.</summary>
    public TrainingCheckpoints? Checkpoints { get; init; }
}
