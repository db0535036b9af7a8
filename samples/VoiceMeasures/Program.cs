// Acoustic measures by group, with intervals over subjects: a table that a clinician can read, without any model.
//   dotnet run -c Release --project samples/VoiceMeasures [rating]
using Microsoft.ML;
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

// Medians of both groups, an effect size and p-values, all by subject: whole subjects are drawn, with all their clips.
MeasureTable table = mlContext.Speech().CompareMeasures(measured, "Voice", "Labels", "subject");
LabelMeasures label = table.Labels[0];
Console.WriteLine($"{table.Clips} clips of {table.Subjects} subjects; 1: {rating} of 2 and more. {label.Note}");
Console.WriteLine($"{"measure",-16} {"unit",-10} {"1",28} {"0",28} {label.Effect,18} {"p, corrected",14}");
foreach (MeasureAssociation m in label.Measures.Where(m => shown.Contains(m.Measure)))
{
    Console.WriteLine($"{m.Measure,-16} {m.Unit,-10} {Of(m.Groups[0].Median),28} {Of(m.Groups[1].Median),28} " +
        $"{m.Effect.Estimate.Value,18:F2} {m.Corrected.Value,14:F4}");
}

static string Of(MetricInterval median) =>
    $"{median.Estimate.Value,9:G4} ({median.Low.Value,7:G4} to {median.High.Value,7:G4})";
