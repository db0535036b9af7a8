using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using SpeechML;
using SpeechML.AutoML;

namespace Microsoft.ML;

/// <summary>
/// Speech trainers as sweepable estimators in <c>mlContext.Auto()</c>. Append them to the preprocessing and give the
/// pipeline to <c>CreateExperiment().SetPipeline(...)</c>.
/// </summary>
public static class SpeechAutoCatalog
{
    /// <summary>
    /// A speech trainer whose options AutoML chooses, in the ranges that the options' class declares.
    /// </summary>
    /// <typeparam name="TOptions">The options' class of the trainer.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="trainer">Makes the trainer: <c>(context, options) =>
    /// context.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options)</c>.</param>
    /// <param name="defaults">What holds for every trial; the encoder, at least.</param>
    /// <param name="options">Names of the options that vary, <c>Lora</c> for all within it; without names all that are
    /// declared.</param>
    /// <exception cref="ArgumentException">An option declares no range.</exception>
    public static SweepableEstimator CreateSpeechEstimator<TOptions>(
        this AutoCatalog catalog, Func<MLContext, TOptions, IEstimator<ITransformer>> trainer, TOptions defaults,
        params string[] options)
        where TOptions : SpeechTrainingOptions, new()
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(defaults);
        return catalog.CreateSweepableEstimator(
            (context, sampled) =>
            {
                SweepSpace.ResetUnused(sampled);
                return trainer(context, sampled);
            },
            DeclaredSearchSpace.Of(defaults, options));
    }

    /// <summary>
    /// The options that a trial was trained with: those that AutoML sampled, with what took no part set back, as the
    /// trainer got them. AutoML's own report of a trial shows the sample.
    /// </summary>
    /// <typeparam name="TOptions">The options' class of the trainer.</typeparam>
    /// <param name="result">A trial of an experiment with <see cref="SetSpeechTrials"/>, or with a pipeline that has
    /// one speech trainer.</param>
    /// <exception cref="ArgumentException">No such options are among the trial's parameters.</exception>
    public static TOptions OptionsOf<TOptions>(TrialResult result)
        where TOptions : SpeechTrainingOptions, new()
    {
        ArgumentNullException.ThrowIfNull(result);
        Parameter parameter = result.TrialSettings.Parameter;
        Parameter? sampled = parameter.ContainsKey(SpeechTrialNames.SearchSpace)
            ? parameter[SpeechTrialNames.SearchSpace] : FindOptions(parameter);
        TOptions options = sampled?.AsType<TOptions>() ?? throw new ArgumentException(
            $"Trial {result.TrialSettings.TrialId}: expected parameters of a speech trainer, which have " +
            $"'{nameof(SpeechTrainingOptions.Encoder)}', got others.", nameof(result));
        SweepSpace.ResetUnused(options);
        return options;
    }

    // SetPipeline nests each estimator's parameters by names of AutoML's own.
    private static Parameter? FindOptions(Parameter parameter)
    {
        if (parameter.ParameterType != ParameterType.Object)
        {
            return null;
        }
        return parameter.ContainsKey(nameof(SpeechTrainingOptions.Encoder)) ? parameter
            : parameter.Keys.Select(key => FindOptions(parameter[key])).FirstOrDefault(found => found is not null);
    }

    /// <summary>Tells classes apart; see <c>MulticlassClassification.Trainers.SpeechClassification</c>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">Name of the label column, a key.</param>
    /// <param name="audioColumnName">Name of the audio column.</param>
    /// <param name="defaults">What holds for every trial; the encoder, at least.</param>
    /// <param name="options">Names of the options that vary; without names all that are declared.</param>
    public static SweepableEstimator SpeechClassification(
        this AutoCatalog catalog, string labelColumnName, string audioColumnName, SpeechClassificationOptions defaults,
        params string[] options) =>
        catalog.CreateSpeechEstimator((context, o) =>
            context.MulticlassClassification.Trainers.SpeechClassification(labelColumnName, audioColumnName, o),
            defaults, options);

    /// <summary>Tells two classes apart; see <c>BinaryClassification.Trainers.SpeechClassification</c>.</summary>
    /// <inheritdoc cref="SpeechClassification(AutoCatalog, string, string, SpeechClassificationOptions, string[])"/>
    public static SweepableEstimator SpeechClassification(
        this AutoCatalog catalog, string labelColumnName, string audioColumnName, SpeechBinaryOptions defaults,
        params string[] options) =>
        catalog.CreateSpeechEstimator((context, o) =>
            context.BinaryClassification.Trainers.SpeechClassification(labelColumnName, audioColumnName, o), defaults,
            options);

    /// <summary>Predicts a number; see <c>Regression.Trainers.SpeechRegression</c>.</summary>
    /// <inheritdoc cref="SpeechClassification(AutoCatalog, string, string, SpeechClassificationOptions, string[])"/>
    public static SweepableEstimator SpeechRegression(
        this AutoCatalog catalog, string labelColumnName, string audioColumnName, SpeechRegressionOptions defaults,
        params string[] options) =>
        catalog.CreateSpeechEstimator((context, o) =>
            context.Regression.Trainers.SpeechRegression(labelColumnName, audioColumnName, o), defaults, options);

    /// <summary>
    /// Trials as a speech sweep fits them instead of a pipeline: audio is read once, frozen layers are computed once
    /// for all trials, the best epoch goes by the metric. The tuner is AutoML's: cost-frugal
    /// optimization unless another is set after this. A trial that diverges counts as the worst, and the search goes
    /// on. With <c>SetCheckpoint</c> a resumed experiment begins its search anew: AutoML hands this tuner no history. A
    /// study of <c>mlContext.Speech()</c>'s own sweep resumes.
    /// </summary>
    /// <typeparam name="TOptions">The options' class of the trainer.</typeparam>
    /// <typeparam name="TTransformer">What the trainer gives.</typeparam>
    /// <param name="experiment">The experiment.</param>
    /// <param name="trials">The trials; to be disposed of after the experiment.</param>
    public static AutoMLExperiment SetSpeechTrials<TOptions, TTransformer>(
        this AutoMLExperiment experiment, SpeechTrials<TOptions, TTransformer> trials)
        where TOptions : SpeechTrainingOptions, new()
        where TTransformer : ITransformer
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(trials);
        return experiment
            .AddSearchSpace(SpeechTrialNames.SearchSpace, trials.SearchSpace)
            // A runner for each trial: the experiment disposes of it when the trial ends.
            .SetTrialRunner(_ => trials.CreateRunner())
            .SetCostFrugalTuner();
    }
}
