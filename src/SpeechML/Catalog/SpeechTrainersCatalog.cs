using Microsoft.ML.Data;
using SpeechML;

namespace Microsoft.ML;

/// <summary>
/// Speech trainers in the <c>Trainers</c> of <c>mlContext.MulticlassClassification</c>, <c>BinaryClassification</c> and
/// <c>Regression</c>.
/// </summary>
public static class SpeechTrainersCatalog
{
    /// <summary>Fine-tunes a pretrained speech encoder to tell classes apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">Name of the label column, a key (<c>MapValueToKey</c>); rows with a missing key
    /// are left out.</param>
    /// <param name="audioColumnName">Name of the audio column, at the encoder's sample rate
    /// (<c>ResampleAudio</c>).</param>
    /// <param name="options">Encoder, freezing, head and training; checked at once.</param>
    /// <param name="progress">Told about every optimizer step, on the training thread.</param>
    /// <param name="cancellationToken">Stops the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <example>See <c>samples/Demo</c>.</example>
    public static SpeechClassificationTrainer SpeechClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName,
        string audioColumnName,
        SpeechClassificationOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(catalog.GetEnvironment(), labelColumnName, audioColumnName, options, progress, cancellationToken);

    /// <summary>
    /// Fine-tunes a pretrained speech encoder to tell classes apart. All options but the encoder have their defaults.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="encoder">The pretrained encoder: a folder, a Hub id or a gs:// address.</param>
    /// <param name="labelColumnName">Name of the label column, a key. The default is <c>Label</c>.</param>
    /// <param name="audioColumnName">Name of the audio column. The default is <c>Audio</c>.</param>
    /// <exception cref="ArgumentException">The encoder is not named.</exception>
    public static SpeechClassificationTrainer SpeechClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string encoder,
        string labelColumnName = "Label",
        string audioColumnName = "Audio") =>
        catalog.SpeechClassification(
            labelColumnName, audioColumnName, new SpeechClassificationOptions { Encoder = encoder });

    /// <summary>Fine-tunes a pretrained speech encoder to tell two classes apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">Name of the label column, Boolean.</param>
    /// <param name="audioColumnName">Name of the audio column, at the encoder's sample rate
    /// (<c>ResampleAudio</c>).</param>
    /// <param name="options">Encoder, freezing, head and training; checked at once.</param>
    /// <param name="progress">Told about every optimizer step, on the training thread.</param>
    /// <param name="cancellationToken">Stops the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static SpeechBinaryTrainer SpeechClassification(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName,
        string audioColumnName,
        SpeechBinaryOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(catalog.GetEnvironment(), labelColumnName, audioColumnName, options, progress, cancellationToken);

    /// <summary>
    /// Fine-tunes a pretrained speech encoder to tell two classes apart. All options but the encoder have their
    /// defaults.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="encoder">The pretrained encoder: a folder, a Hub id or a gs:// address.</param>
    /// <param name="labelColumnName">Name of the label column, Boolean. The default is <c>Label</c>.</param>
    /// <param name="audioColumnName">Name of the audio column. The default is <c>Audio</c>.</param>
    /// <exception cref="ArgumentException">The encoder is not named.</exception>
    public static SpeechBinaryTrainer SpeechClassification(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string encoder,
        string labelColumnName = "Label",
        string audioColumnName = "Audio") =>
        catalog.SpeechClassification(labelColumnName, audioColumnName, new SpeechBinaryOptions { Encoder = encoder });

    /// <summary>Fine-tunes a pretrained speech encoder to predict a number per clip.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">Name of the label column, Single; rows with NaN are left out.</param>
    /// <param name="audioColumnName">Name of the audio column, at the encoder's sample rate
    /// (<c>ResampleAudio</c>).</param>
    /// <param name="options">Encoder, freezing, head, loss and training; checked at once.</param>
    /// <param name="progress">Told about every optimizer step, on the training thread.</param>
    /// <param name="cancellationToken">Stops the training with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static SpeechRegressionTrainer SpeechRegression(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName,
        string audioColumnName,
        SpeechRegressionOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(catalog.GetEnvironment(), labelColumnName, audioColumnName, options, progress, cancellationToken);

    /// <summary>
    /// Fine-tunes a pretrained speech encoder to predict a number per clip. All options but the encoder have their
    /// defaults.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="encoder">The pretrained encoder: a folder, a Hub id or a gs:// address.</param>
    /// <param name="labelColumnName">Name of the label column, Single. The default is <c>Label</c>.</param>
    /// <param name="audioColumnName">Name of the audio column. The default is <c>Audio</c>.</param>
    /// <exception cref="ArgumentException">The encoder is not named.</exception>
    public static SpeechRegressionTrainer SpeechRegression(
        this RegressionCatalog.RegressionTrainers catalog,
        string encoder,
        string labelColumnName = "Label",
        string audioColumnName = "Audio") =>
        catalog.SpeechRegression(labelColumnName, audioColumnName, new SpeechRegressionOptions { Encoder = encoder });
}
