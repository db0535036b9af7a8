// Records from a provider of NAudio and scores what it hears in windows of a second, as they come.
//   dotnet run -c Release --project samples/ScoreProvider [recording] [speed, 1 is real time] [clips to learn from]
using System.Globalization;
using Microsoft.ML;
using NAudio.Wave;
using ScoreProvider;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string prompts = Path.Combine(samples, "data", "prompts");
string recording = args.Length > 0 ? args[0] : Path.Combine(prompts, "fr03-01.wav");
double speed = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 1;
long clips = args.Length > 2 ? long.Parse(args[2], CultureInfo.InvariantCulture) : 120;
var mlContext = new MLContext(seed: 1);

// A small model that tells languages apart. Its first step takes audio, so that audio of any origin can be scored.
var columns = new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" };
IDataView data = mlContext.Data.TakeRows(mlContext.Data.ShuffleRows(
    mlContext.Speech().LoadMetadata(Path.Combine(prompts, "metadata.csv"), columns), seed: 1), clips);
IDataView audio = mlContext.Transforms.LoadAudio("Audio", prompts, "original_audio_id").Fit(data).Transform(data);
var pipeline = mlContext.Transforms.ResampleAudio("Audio", 16_000)
    .Append(mlContext.Transforms.EncodeSpeech("Features", new SpeechEncodingOptions
    {
        Encoder = Path.Combine(samples, "models", "whisper-base-encoder"),
        WhisperContext = WhisperContext.Trimmed,
    }))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"))
    .AppendCacheCheckpoint(mlContext)
    .Append(mlContext.MulticlassClassification.Trainers.SdcaMaximumEntropy())
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
var engine = mlContext.Model.CreatePredictionEngine<Window, Heard>(pipeline.Fit(audio));

// With a sound card: a BufferedWaveProvider that a WasapiCapture or WaveInEvent of NAudio fills.
ISampleProvider microphone = new PacedProvider(MLAudio.FromFile(recording).ToSampleProvider(), speed);
for (var at = TimeSpan.Zero; ;)
{
    var window = MLAudio.FromSampleProvider(microphone, TimeSpan.FromSeconds(1));
    if (window.Duration < TimeSpan.FromSeconds(0.25))
    {
        return at > TimeSpan.Zero ? 0 : 1; // nothing comes any more
    }
    Heard heard = engine.Predict(new Window { Audio = window });
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{at.TotalSeconds:F1} s: {heard.PredictedLabel} ({heard.Score.Max():F2})"));
    at += window.Duration;
}
