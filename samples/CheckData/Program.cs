// Looks at recordings, labels and split before anything is trained on them; ends with 1 where anything is found.
//   dotnet run -c Release --project samples/CheckData [report.html]
using Microsoft.ML;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string audio = Path.Combine(samples, "data", "prompts");
var mlContext = new MLContext(seed: 1);

var columns = new SpeechMetadataColumns
{
    AudioKey = "original_audio_id",
    Subject = "subject",
    Date = "incident_date",
    Task = "task_name",
    Features = ["hoarse_harsh", "slow_rate", "sound_distortions", "monopitch_monoloudness",
    "inappropriate_silences_or_prolonged_intervals"],
};
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"), columns, ratingThreshold: 2);
SpeechDataSplit split = mlContext.Speech()
    .SplitBySubject(data, "subject", "original_audio_id", new SubjectSplitOptions { Seed = 1 }, "Labels", "language");

SpeechDataReport report = mlContext.Speech().CheckData(split, new SpeechDataCheckOptions
{
    AudioKeyColumnName = "original_audio_id",
    AudioFolder = audio,
    SubjectColumnName = "subject",
    LabelColumnNames = ["Labels", "language"],
    GroupColumnNames = ["language"],
    Encoder = Path.Combine(samples, "models", "whisper-base-encoder"),
}, new Counter());

Console.WriteLine(report);
if (args.Length > 0)
{
    SpeechReport.Write(report, args[0]);
}
return report.IsClean ? 0 : 1;

/// <summary>A line for every fifty clips.</summary>
internal sealed class Counter : IProgress<SpeechDataProgress>
{
    public void Report(SpeechDataProgress value)
    {
        if (value.Clips % 50 == 0 || value.Clips == value.Total)
        {
            Console.WriteLine($"{value.Clips} of {value.Total} clips read");
        }
    }
}
