// The main job, from audio files to models that another process loads: several labels, languages, upper layers
// fine-tuned, evaluation on unseen subjects, a report; on your own data with options.
//   ./build.sh demo [options]      (dotnet run -c Release --project samples/Demo -- --help lists them)
using System.CommandLine;
using Demo;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string data = Path.Combine(samples, "data", "prompts");
var audio = new Option<string>("--audio") { Description = "Folder of the recordings", DefaultValueFactory = _ => data };
var metadata = new Option<string>("--metadata")
{
    Description = "Metadata file (CSV or JSON)",
    DefaultValueFactory = _ => Path.Combine(data, "metadata.csv")
};
var key = new Option<string>("--key")
{
    Description = "Column that names the recording",
    DefaultValueFactory = _ => "original_audio_id"
};
var subject = new Option<string>("--subject")
{
    Description = "Column that says who speaks",
    DefaultValueFactory = _ => "subject"
};
var category = new Option<string>("--class")
{
    Description = "Column of the classes to tell apart",
    DefaultValueFactory = _ => "language"
};
var features = new Option<string[]>("--features")
{
    Description = "Columns of rated features",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ =>
    ["hoarse_harsh", "slow_rate", "sound_distortions", "monopitch_monoloudness",
    "inappropriate_silences_or_prolonged_intervals"],
};
var threshold = new Option<double>("--threshold")
{
    Description = "Smallest rating that counts as positive",
    DefaultValueFactory = _ => 2
};
var encoder = new Option<string>("--encoder")
{
    Description = "Folder of the pretrained encoder",
    DefaultValueFactory = _ => Path.Combine(samples, "models", "whisper-base-encoder")
};
var output = new Option<string>("--output")
{
    Description = "Folder for the model zips",
    DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "speechml-demo")
};
var seed = new Option<int>("--seed")
{
    Description = "Seed of the split and of the training",
    DefaultValueFactory = _ => 1
};

var run = new RootCommand(
    "Trains speech classifiers on recordings rated by clinicians, judges them on unseen subjects, saves them and " +
    "loads them in another process.")
{
    audio, metadata, key, subject, category, features, threshold, encoder, output, seed,
};
run.SetAction(r => MainJob.Run(new DemoSettings(
    r.GetValue(audio)!, r.GetValue(metadata)!, r.GetValue(key)!, r.GetValue(subject)!, r.GetValue(category)!,
    r.GetValue(features)!, r.GetValue(threshold),
    r.GetValue(encoder)!, r.GetValue(output)!, r.GetValue(seed))));

// The second process of the demo: loads zips, scores the recordings listed, writes the scores.
var list = new Argument<string>("list");
var score = new Command("score", "Scores recordings with saved models") { list };
score.SetAction(r => Scoring.ScoreListed(r.GetValue(list)!));
run.Subcommands.Add(score);
return run.Parse(args).Invoke();
