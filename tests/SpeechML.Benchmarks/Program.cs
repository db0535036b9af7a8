// ./build.sh bench [name...]: ratios from interleaved runs, median of 7 with the spread; smaller is better.
using System.Reflection;
using SpeechML.Benchmarks;
using SpeechML.Interop;

TorchNativeLibrary.EnsureLoaded();
string root = typeof(Ratio).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;
var samples = new SampleClips(Path.Combine(root, "samples"));
var all = new Dictionary<string, Action>
{
    ["trimmed-context"] = () => EncoderBenchmarks.TrimmedContext(samples),
    ["length-buckets"] = () => EncoderBenchmarks.LengthBuckets(samples),
    ["frozen-kept"] = () => TrainingBenchmarks.FrozenKept(samples),
    ["resampler"] = KernelBenchmarks.Resampler,
    ["adamw"] = KernelBenchmarks.AdamW,
    ["intervals"] = JudgingBenchmarks.Intervals,
    ["coverage"] = JudgingBenchmarks.Coverage,
};
string[] chosen = args.Length == 0 ? [.. all.Keys] : args;
if (Array.Find(chosen, name => !all.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"Benchmark '{unknown}': expected some of {string.Join(", ", all.Keys)}.");
    return 2;
}
Console.WriteLine($"{Environment.ProcessorCount} cores, {TorchSharp.torch.get_num_threads()} torch threads");
foreach (string name in chosen)
{
    all[name]();
}
return 0;
