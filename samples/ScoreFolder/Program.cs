// Scores the WAV files of a folder with a model that is one ONNX file, without libtorch: a line for each, as it comes.
//   speechml export --model runs/1 --onnx --output model.onnx
//   dotnet run -c Release --project samples/ScoreFolder model.onnx FOLDER
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

if (args is not [string file, string folder])
{
    Console.Error.WriteLine("ScoreFolder: expected a model of classes or labels and a folder of WAV files.");
    return 2;
}
var mlContext = new MLContext();
#if TORCH // the same program on TorchSharp, which docs/benchmarks.md compares with
const int SampleRate = 16_000;
ITransformer model = mlContext.Model.Load(file, out _);
#else
using SpeechOnnxTransformer model = mlContext.Speech().LoadOnnx(file);
int SampleRate = model.SampleRate;
#endif
string[] paths = [.. Directory.EnumerateFiles(folder, "*.wav").Order(StringComparer.Ordinal)];
IDataView files = mlContext.Data.LoadFromEnumerable(paths.Select(path => new Clip { Path = path }));
var loading = mlContext.Transforms.LoadAudio("Audio", null, "Path")
    .Append(mlContext.Transforms.ResampleAudio("Audio", SampleRate)).Fit(files);
IDataView scored = model.Transform(loading.Transform(files));

VBuffer<ReadOnlyMemory<char>> labels = default;
scored.Schema["Score"].GetSlotNames(ref labels);
string[] names = [.. labels.DenseValues().Select(n => n.ToString())];
foreach ((string path, float[] scores) in paths.Zip(scored.GetColumn<float[]>("Score")))
{
    string line = string.Join(' ', names.Zip(scores, (n, s) => string.Create(
        CultureInfo.InvariantCulture, $"{n}={s:F3}")));
    Console.WriteLine($"{Path.GetFileName(path)} {line}");
}
return 0;

internal sealed class Clip
{
    public string Path { get; set; } = "";
}
