using Microsoft.ML;
using SpeechML.Audio.Storage;
using SpeechML.Data.Scoring;
using SpeechML.Model;
using SpeechML.Tool.Cli;

namespace SpeechML.Tool.Runs;

/// <summary>
/// A model as users name it: a zip, the folder of a run or study, an ONNX file, or a model of the Hugging Face Hub by
/// its folder or id.
/// </summary>
internal static class SavedModel
{
    /// <summary>What verbs that take a trained model take, for their help and messages.</summary>
    public const string Taken = "the folder of a run or study, a model zip, or a model of the Hugging Face Hub by " +
        "its folder or id";

    /// <summary>The same of <c>predict</c>.</summary>
    public const string TakenWithOnnx = "the folder of a run or study, a model zip, an ONNX file that export --onnx " +
        "wrote, or a model of the Hugging Face Hub by its folder or id";

    /// <summary>Either as the description of an option.</summary>
    public static string Sentence(string taken) => $"T{taken[1..]}";

    /// <summary>The zip's or ONNX file's path or address, or the folder of a model of the Hub.</summary>
    /// <param name="path">What was given.</param>
    /// <param name="output">Told of a download.</param>
    /// <param name="takesOnnx">Whether scores alone are wanted, which an ONNX file gives.</param>
    /// <exception cref="InvalidDataException">It is no such thing; says what it is and what to do.</exception>
    public static string Find(string path, ToolOutput output, bool takesOnnx = false)
    {
        ModelPath found = ModelPath.Of(path);
        return found switch
        {
            { Zip: { } zip } => zip,
            { Kind: ModelPathKind.Onnx } when takesOnnx => path,
            { Kind: ModelPathKind.HuggingFace } => SavedModels.FolderOf(path, output.Note),
            { Kind: ModelPathKind.Nothing } when SavedModels.IsHubId(path) && !StoragePath.IsRemote(path) =>
                SavedModels.FolderOf(path, output.Note),
            { Kind: ModelPathKind.Run } => throw new InvalidDataException(
                $"Run '{path}': expected a saved model, got none: its training has not ended. Finish it with train " +
                $"--output {path} --resume."),
            { Kind: ModelPathKind.Study } => throw new InvalidDataException(
                $"Study '{path}': expected {ModelPath.ModelFile}, which sweep writes at its end, got none. The same " +
                "sweep command goes on."),
            { Kind: ModelPathKind.Onnx } => throw new InvalidDataException(
                $"Model '{path}': expected {Taken}, got {found.Words}, which has scores and nothing behind them: " +
                "predict takes it. Name the run or zip that it was exported from."),
            _ => throw new InvalidDataException(
                $"Model '{path}': expected {(takesOnnx ? TakenWithOnnx : Taken)}, got {found.Words}."
                + (found.Kind == ModelPathKind.Audio ? " Recordings are given by --file." : "")),
        };
    }

    /// <summary>The folder of a run of <c>train</c>: its whole path or its address.</summary>
    /// <param name="path">What was given.</param>
    /// <param name="purpose">What a run's data are needed for: <c>evaluate it on</c>.</param>
    /// <param name="expected">What is expected.</param>
    /// <exception cref="InvalidDataException">It is no such thing; says what it is and what to do.</exception>
    public static string FindRun(
        string path, string purpose, string expected = "the folder of a run of train")
    {
        string folder = ConfiguredRun.Whole(path);
        ModelPath found = ModelPath.Of(folder);
        return found.Kind == ModelPathKind.Run ? folder : throw new InvalidDataException(
            $"Run '{path}': expected {expected}, got {found.Words}{Instead(found, path, purpose)}.");
    }

    private static string Instead(ModelPath found, string path, string purpose) => found switch
    {
        { Run: { } run } => $". It lies in the run '{run}': name that",
        { Kind: ModelPathKind.Study } =>
            ", whose trials are no runs. report takes it; predict, explain and export take its best model",
        { Kind: ModelPathKind.Zip } =>
            $", which has no data to {purpose}. predict, explain and export take it",
        { Kind: ModelPathKind.Onnx } => $", which has no data to {purpose}. predict takes it",
        { Kind: ModelPathKind.HuggingFace } =>
            $", which has no data to {purpose}. predict, explain and export take it; train goes on from it " +
            "(--initial-model.path), and its run can be evaluated",
        { Kind: ModelPathKind.Nothing } when SavedModels.IsHubId(path) =>
            $". As an id of the Hugging Face Hub it would have no data to {purpose}: predict, explain and export " +
            "take it",
        _ => "",
    };

    /// <summary>Loads what <see cref="Find"/> found.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The zip, or the folder of a model of the Hub.</param>
    /// <param name="input">The schema of the model's input; <see langword="null"/> of a model of the Hub, which takes
    /// audio.</param>
    public static ITransformer Load(MLContext mlContext, string path, out DataViewSchema? input)
    {
        if (Directory.Exists(path))
        {
            input = null;
            return mlContext.Speech().LoadHuggingFace(path);
        }
        ITransformer model = mlContext.Speech().LoadModel(path, out DataViewSchema schema);
        input = schema;
        return model;
    }

    /// <summary>A recording as a model takes it: as its chain loads it, at the encoder's rate.</summary>
    public static MLAudio Read(ITransformer model, string file)
    {
        ITransformer[] steps = [.. TransformerSteps.Flatten(model)];
        AudioLoadingOptions loading =
            steps.OfType<AudioLoadingTransformer>().FirstOrDefault()?.Options ?? new AudioLoadingOptions();
        var audio = MLAudio.FromCopy(StoragePath.Fetch(file), file, loading);
        return steps.OfType<AudioResamplingTransformer>().Any() || ScorerOf(model) is not { } scorer ? audio
            : audio.Resample(scorer.Network.Encoder.Config.SampleRate);
    }

    /// <summary>The trained model among the transformers; <see langword="null"/> where there is none.</summary>
    public static SpeechScoringTransformer? ScorerOf(ITransformer model) =>
        TransformerSteps.Flatten(model).OfType<SpeechScoringTransformer>().LastOrDefault();
}
