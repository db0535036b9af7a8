// ./build.sh bench [name...]: ratios from interleaved runs, median of 7 with the spread; smaller is better.
using SpeechML;
using SpeechML.Benchmarks;
using SpeechML.Benchmarks.Baselines;
using SpeechML.Benchmarks.Buckets;
using SpeechML.Benchmarks.Deployment;
using SpeechML.Benchmarks.Growth;
using SpeechML.Benchmarks.Peers;
using SpeechML.Benchmarks.Starting;
using SpeechML.Benchmarks.Workers;

if (args is [FirstPrediction.Flag, string zip, string clip])
{
    return FirstPrediction.Run(zip, clip);
}
if (args is [FirstPrediction.ZipFlag, string written])
{
    return FirstPrediction.Write(written);
}
if (args is [BucketServer.Flag, string folder])
{
    return BucketServer.Run(folder);
}
if (args is [Worker.Flag, string name, string side])
{
    TorchNativeLibrary.EnsureLoaded();
    return Worker.Run(name, side);
}
TorchNativeLibrary.EnsureLoaded();
if (args is [BaselineBenchmark.Name, .. string[] rest])
{
    return BaselineBenchmark.Run(rest);
}
if (args is [MeasuresBenchmark.Name, .. string[] ofMeasures])
{
    return MeasuresBenchmark.Run(ofMeasures);
}
var samples = new SampleClips(Path.Combine(Repository.Root, "samples"));
var all = new Dictionary<string, Action>
{
    ["trimmed-context"] = () => EncoderBenchmarks.TrimmedContext(samples),
    ["length-buckets"] = () => EncoderBenchmarks.LengthBuckets(samples),
    ["frozen-kept"] = () => TrainingBenchmarks.FrozenKept(samples),
    ["shared-trials"] = () => SweepBenchmarks.Shared(samples),
    ["resampler"] = KernelBenchmarks.Resampler,
    ["resampling"] = ResamplingBenchmarks.AllShapes,
    ["adamw"] = KernelBenchmarks.AdamW,
    ["intervals"] = JudgingBenchmarks.Intervals,
    ["coverage"] = JudgingBenchmarks.Coverage,
    ["dropout"] = LeverBenchmarks.Dropout,
    ["positions"] = LeverBenchmarks.Positions,
    ["products"] = LeverBenchmarks.Products,
    ["precision"] = PrecisionBenchmarks.Run,
    ["layer-choice"] = () => LayerBenchmarks.Choice(samples),
    ["window-offsets"] = () => RecordingBenchmarks.Offsets(samples),
    [StartBenchmark.Name] = StartBenchmark.Run,
    ["profile"] = () => ProfileBenchmark.Run(10, SpeechPrecision.Float32),
    ["profile-3s"] = () => ProfileBenchmark.Run(3, SpeechPrecision.Float32),
    ["profile-bf16"] = () => ProfileBenchmark.Run(10, SpeechPrecision.BFloat16),
    ["profile-3s-bf16"] = () => ProfileBenchmark.Run(3, SpeechPrecision.BFloat16),
    ["profile-sew"] = SewProfile.Run,
    [DeploymentBenchmark.Name] = DeploymentBenchmark.Run,
};
foreach (PeerCase row in PeerCases.All)
{
    all[row.Name] = () => PeerBenchmarks.Run(row);
}
foreach (GrowthCase growth in GrowthCases.All)
{
    all[GrowthBenchmark.Prefix + growth.Name] = () => GrowthBenchmark.Run(growth);
}
string[] chosen = args.Length == 0 ? [.. all.Keys]
    : [.. args.SelectMany(a => a == "growth" ? GrowthCases.All.Select(g => GrowthBenchmark.Prefix + g.Name) : [a])];
if (Array.Find(chosen, n => !all.ContainsKey(n)) is { } unknown)
{
    Console.Error.WriteLine($"Benchmark '{unknown}': expected some of {string.Join(", ", all.Keys)}.");
    return 2;
}
Console.WriteLine($"{Environment.ProcessorCount} cores, {TorchSharp.torch.get_num_threads()} torch threads");
foreach (string one in chosen)
{
    all[one]();
}
return 0;
