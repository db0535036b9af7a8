using Microsoft.ML;

namespace SpeechML;

/// <summary>Trainers in <c>mlContext.Speech().Trainers</c>.</summary>
public sealed class SpeechTrainers
{
    private readonly MLContext _mlContext;

    internal SpeechTrainers(MLContext mlContext)
    {
        _mlContext = mlContext;
    }

    /// <summary>Fine-tunes a pretrained speech encoder to rate several labels per clip, each present or not.</summary>
    /// <param name="labelColumnName">Name of the label column, a vector (<c>Concatenate</c>): 1 positive, 0 negative,
    /// negative numbers and NaN not rated.</param>
    /// <param name="audioColumnName">Name of the audio column, at the encoder's sample rate
    /// (<c>ResampleAudio</c>).</param>
    /// <param name="options">Encoder, freezing, head and training; checked at once.</param>
    /// <param name="progress">Told about every optimizer step, on the training thread.</param>
    /// <param name="cancellationToken">Stops the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SpeechMultiLabelTrainer MultiLabelClassification(
        string labelColumnName,
        string audioColumnName,
        SpeechMultiLabelOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(_mlContext, labelColumnName, audioColumnName, options, progress, cancellationToken);

    /// <summary>
    /// Fine-tunes a pretrained speech encoder to tell classes apart that have an order, such as absent, mild and
    /// severe.
    /// </summary>
    /// <param name="labelColumnName">Name of the label column, a key whose values are in that order
    /// (<c>MapValueToKey</c> with <c>ByValue</c> or <c>keyData</c>); rows with a missing key are left out.</param>
    /// <param name="audioColumnName">Name of the audio column, at the encoder's sample rate
    /// (<c>ResampleAudio</c>).</param>
    /// <param name="options">Encoder, freezing, head, loss and training; checked at once.</param>
    /// <param name="progress">Told about every optimizer step, on the training thread.</param>
    /// <param name="cancellationToken">Stops the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SpeechOrdinalTrainer OrdinalClassification(
        string labelColumnName,
        string audioColumnName,
        SpeechOrdinalOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(_mlContext, labelColumnName, audioColumnName, options, progress, cancellationToken);
}
