// Acoustic measures by group, with intervals over subjects: a table that a clinician can read, without any model.
//   dotnet run -c Release --project samples/VoiceMeasures [rating]
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

string audio = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "data", "prompts"));
string rating = args.FirstOrDefault() ?? "hoarse_harsh";
string[] shown = ["f0_median", "f0_sd", "jitter_local", "shimmer_local", "hnr_mean", "cpps", "intensity_sd",
    "f1_mean", "alpha_ratio", "pause_fraction", "speech_rate"];
var mlContext = new MLContext(seed: 1);

var columns = new SpeechMetadataColumns
{
    AudioKey = "original_audio_id",
    Subject = "subject",
    Features = [rating],
};
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"), columns);
IDataView measured = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
    .Append(mlContext.Transforms.MeasureVoice("Voice", "Audio")).Fit(data).Transform(data);
measured = mlContext.Data.Cache(measured, "Voice", "subject", "Labels");

string[] subjects = [.. measured.GetColumn<string>("subject")];
float[] labels = [.. measured.GetColumn<float[]>("Labels").Select(l => l[0])];
float[][] voices = [.. measured.GetColumn<float[]>("Voice")];

Console.WriteLine($"{"measure",-16} {"unit",-10} {rating + " below 2",30} {"2 and more",30}");
foreach ((VoiceMeasureInfo measure, int slot) in VoiceMeasures.All.Select((m, i) => (m, i)))
{
    if (shown.Contains(measure.Name))
    {
        Console.WriteLine($"{measure.Name,-16} {measure.Unit,-10} {Of(slot, 0),30} {Of(slot, 1),30}");
    }
}

// The median, and 95 % of what it would be with other subjects: whole subjects are drawn, with all their clips.
string Of(int slot, float label)
{
    float[][] bySubject = [.. Enumerable.Range(0, voices.Length)
        .Where(i => labels[i] == label && !float.IsNaN(voices[i][slot]))
        .GroupBy(i => subjects[i], i => voices[i][slot]).Select(g => g.ToArray())];
    var random = new Random(1);
    double[] drawn = [.. Enumerable.Range(0, 1000)
        .Select(_ => Median(random.GetItems(bySubject, bySubject.Length).SelectMany(v => v))).Order()];
    return $"{Median(bySubject.SelectMany(v => v)),9:G4} ({drawn[25],7:G4} to {drawn[975],7:G4})";
}

static double Median(IEnumerable<float> values)
{
    float[] sorted = [.. values.Order()];
    return (sorted[(sorted.Length - 1) / 2] + (double)sorted[sorted.Length / 2]) / 2;
}
