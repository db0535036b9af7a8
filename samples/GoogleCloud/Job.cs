using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using SpeechML;

namespace GoogleCloudSample;

/// <summary>
/// Puts the sample recordings into a bucket and trains from there. Nothing below the first method knows that these are
/// no paths.
/// </summary>
/// <param name="root">The folder in the bucket.</param>
internal sealed class Job(string root)
{
    private static readonly string s_samples =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    private readonly string _data = StoragePath.Combine(root, "prompts");
    private readonly string _encoder = StoragePath.Combine(root, "whisper-base-encoder");

    public void Run(int epochs)
    {
        Upload(Path.Combine(s_samples, "data", "prompts"), _data);
        Upload(Path.Combine(s_samples, "models", "whisper-base-encoder"), _encoder);
        Train(epochs);
    }

    /// <summary>What is there already stays: a write never replaces unless it is told to.</summary>
    private static void Upload(string folder, string to)
    {
        var watch = Stopwatch.StartNew();
        HashSet<string> there = [.. StoragePath.List(to)];
        string[] missing = [.. Directory.GetFiles(folder)
            .Where(f => !there.Contains(StoragePath.Combine(to, Path.GetFileName(f))))];
        Parallel.ForEach(missing, new ParallelOptions { MaxDegreeOfParallelism = 16 }, file =>
        {
            using FileStream content = File.OpenRead(file);
            ObjectStores.For(to).Write(
                StoragePath.Combine(to, Path.GetFileName(file)), content, WriteCondition.IfAbsent);
        });
        Console.WriteLine(FormattableString.Invariant(
            $"{to}: {missing.Length} files uploaded in {watch.Elapsed.TotalSeconds:F1} s, {there.Count} were there"));
    }

    private void Train(int epochs)
    {
        var mlContext = new MLContext(seed: 1);
        var columns = new SpeechMetadataColumns
        {
            AudioKey = "original_audio_id",
            Subject = "subject",
            Task = "task_name"
        };
        SpeechMetadata metadata = SpeechMetadata.Load(StoragePath.Combine(_data, "metadata.csv"), columns);
        SubjectSplit made = metadata.Split(
            new SubjectSplitOptions { Train = 0.6, Validation = 0.2, Test = 0.2, Seed = 1 }, 2, "language");
        made.Save(StoragePath.Combine(root, "split.csv")); // the same split again is no error, another one is
        SpeechDataSplit split = mlContext.Speech()
            .ApplySplit(mlContext.Speech().LoadMetadata(metadata),
            SubjectSplit.Load(StoragePath.Combine(root, "split.csv")), columns.AudioKey);

        var options = new SpeechClassificationOptions
        {
            Encoder = _encoder,
            Layers = "2",
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All,
            Head = new HeadOptions { LayerNorm = true },
            HeadLearningRate = 3e-3,
            Epochs = epochs,
        };
        using SpeechRun run = mlContext.Speech()
            .CreateRun(StoragePath.Combine(root, "runs"), options,
            new SpeechRunOptions { WhenExists = ExistingRun.NextNumber, Progress = new TextProgress(Console.Out) });
        Console.WriteLine($"run: {run.Folder}");
        options.Checkpoints.Folder = run.LastFolder;

        var watch = Stopwatch.StartNew();
        TransformerChain<ValueToKeyMappingTransformer> preparation =
            mlContext.Transforms.LoadAudio("Audio", _data, columns.AudioKey)
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"))
            .Fit(split.Train);
        var trainer = mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", options, run.Progress);
        ITransformer learned = trainer.Fit(preparation.Transform(split.Train), preparation.Transform(split.Validation));
        using var model = new TransformerChain<ITransformer>(preparation, learned);
        Console.WriteLine(FormattableString.Invariant($"trained in {watch.Elapsed.TotalSeconds:F1} s"));

        var evaluated = new SpeechRunColumns { AudioKey = columns.AudioKey, Subject = "subject" };
        RunEvaluation evaluation = run.Evaluate(model, split.Test, evaluated);
        run.Complete(mlContext, model, split.Train.Schema);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"language of unseen subjects: accuracy {evaluation.Figures["accuracy"].Value:F3}, {evaluation.Rows} " +
            $"clips"));
        Console.WriteLine($"report: {SpeechReport.Write(run)}");

        // As another machine would begin.
        using var loaded = (IDisposable)mlContext.Speech().LoadModel(run.ModelFile!, out _);
        float[][] scores = [.. model.Transform(split.Test).GetColumn<float[]>("Score")],
            again = [.. ((ITransformer)loaded).Transform(split.Test).GetColumn<float[]>("Score")];
        Console.WriteLine($"loaded_identical={scores.Zip(again).All(p => p.First.SequenceEqual(p.Second))}");
        foreach (string file in StoragePath.List(run.Folder)
            .Where(f => !f.Contains("/figures/", StringComparison.Ordinal)))
        {
            Console.WriteLine($"  {file}");
        }
    }
}
