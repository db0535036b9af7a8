// A run from two files, every value of which is also an option:
// dotnet run --project samples/RunFromConfig -- --load-config load.json --model-config model.json --output runs/1
// [--trainer.epochs 3 ...]
//   ... --output runs/1 --resume       goes on with a run that was broken off
//   ... --output runs/1 --eval-only    evaluates a finished run's model again
// Every path may be an address in Google Cloud Storage: gs://bucket/runs/1
using System.CommandLine;
using RunFromConfig;
using SpeechML;

var loadFile = new Option<string>("--load-config") { Description = "Which data, and what is done to it (JSON)" };
var modelFile = new Option<string>("--model-config") { Description = "What is learned, and by which trainer (JSON)" };
var output = new Option<string>("--output")
{
    Description =
    "Folder for the run, on a disk or in a bucket; must not exist"
};
var resume = new Option<bool>("--resume")
{
    Description =
    "Goes on with the run in the output folder, by its own configuration"
};
var evalOnly = new Option<bool>("--eval-only")
{
    Description =
    "Judges the model in the output folder, by its own configuration"
};
var debug = new Option<bool>("--debug") { Description = "A few clips and one epoch, to see whether it runs" };
var schemas = new Option<DirectoryInfo>("--write-schemas")
{
    Description =
    "Writes load.schema.json and model.schema.json into a folder, and ends"
};
var root = new RootCommand(
    "Trains a speech model as two configuration files say, and judges it on other subjects.") { loadFile, modelFile,
    output, resume, evalOnly, debug, schemas };

const int DebugClips = 60;
GoogleCloudStorage.Register(); // asks nothing of anybody until an address is used

Dictionary<string, Option<string[]>> Add<T>()
    where T : class => SpeechConfig.Options<T>().ToDictionary(o => o.Path, o =>
    {
        var option = new Option<string[]>(o.Name)
        {
            Description = o.Description,
            AllowMultipleArgumentsPerToken = o.IsList,
            Arity = o.IsList || o.IsFlag ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
        };
        root.Options.Add(option);
        return option;
    });

Dictionary<string, Option<string[]>> loadOptions = Add<SpeechLoadConfig>(), modelOptions = Add<SpeechModelConfig>();
root.SetAction(parsed =>
{
    Dictionary<string, IReadOnlyList<string>> Given(Dictionary<string, Option<string[]>> options) =>
        options.Where(o => parsed.GetResult(o.Value) is { Implicit: false })
            .ToDictionary(o => o.Key, o => (IReadOnlyList<string>)(parsed.GetValue(o.Value) ?? []));
    try
    {
        if (parsed.GetValue(schemas) is { } folder)
        {
            folder.Create();
            File.WriteAllText(Path.Combine(folder.FullName, "load.schema.json"),
                SpeechConfig.Schema<SpeechLoadConfig>());
            File.WriteAllText(Path.Combine(folder.FullName, "model.schema.json"),
                SpeechConfig.Schema<SpeechModelConfig>());
            return 0;
        }
        string target = parsed.GetValue(output) is { } given ? Whole(given)
            : throw new InvalidDataException("Command line: expected --output with the folder of the run, got none.");
        bool goesOn = parsed.GetValue(resume) || parsed.GetValue(evalOnly);
        if (goesOn != (StoragePath.IsRemote(target) ? StoragePath.List(target).Count > 0 : Path.Exists(target)))
        {
            string expected = goesOn ? "the folder of an earlier run, got none"
                : "one that does not exist, or --resume, got a folder that is there";
            throw new InvalidDataException($"Output folder '{target}': expected {expected}.");
        }
        string ConfigFile(Option<string> option, string own) => parsed.GetValue(option)
            ?? (goesOn ? StoragePath.Combine(target, own)
                : throw new InvalidDataException(
                $"Command line: expected {option.Name} with a configuration, got none."));
        SpeechLoadConfig load =
            SpeechConfig.Load<SpeechLoadConfig>(ConfigFile(loadFile, Run.LoadFile), Given(loadOptions)).WithFullPaths();
        SpeechModelConfig model =
            SpeechConfig.Load<SpeechModelConfig>(ConfigFile(modelFile, Run.ModelFile), Given(modelOptions));
        if (parsed.GetValue(debug))
        {
            (load.MaxClips, model.Trainer.Epochs) = (DebugClips, 1);
        }
        new Run(load, model, target, goesOn).Execute(parsed.GetValue(evalOnly));
        return 0;
    }
    catch (Exception e) when (
        e is InvalidDataException or ArgumentException or InvalidOperationException or IOException or AudioException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});
return root.Parse(args).Invoke();

static string Whole(string path) =>
    StoragePath.IsRemote(path) ? path.TrimEnd('/') : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
