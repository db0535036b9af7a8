// A program for each task, on the recordings of the repository; each file is one of them and needs no other.
//   dotnet run -c Release --project samples/Tasks [task, or all] [encoder]
using Microsoft.ML;
using Tasks;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string folder = Path.Combine(samples, "data", "prompts");
string encoder = args.Length > 1 ? args[1] : Path.Combine(samples, "models", "whisper-base-encoder");
var tasks = new SortedDictionary<string, Action<MLContext, string, string>>
{
    ["binary"] = Binary.Run,
    ["classification"] = Classification.Run,
    ["features"] = Features.Run,
    ["multi-label"] = MultiLabel.Run,
    ["ordinal"] = Ordinal.Run,
    ["regression"] = Regression.Run,
};
string chosen = args.Length > 0 ? args[0] : "all";
if (chosen != "all" && !tasks.ContainsKey(chosen))
{
    Console.Error.WriteLine($"Task: expected all or one of {string.Join(", ", tasks.Keys)}, got '{chosen}'.");
    return 2;
}
foreach ((string name, Action<MLContext, string, string> run) in tasks.Where(t => chosen is "all" || t.Key == chosen))
{
    Console.WriteLine($"== {name}");
    run(new MLContext(seed: 1), folder, encoder);
}
return 0;
