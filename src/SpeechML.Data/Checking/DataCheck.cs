using System.Globalization;
using SpeechML.Audio;
using SpeechML.Audio.Storage;
using SpeechML.Audio.Streaming;

namespace SpeechML.Data.Checking;

/// <summary>A part of the data as the check takes it.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Keys">The clips.</param>
/// <param name="Subjects">Their subjects; <see langword="null"/> where unknown.</param>
/// <param name="Labels">What the label columns hold.</param>
internal sealed record DataPart(
    string Name, string[] Keys, string[]? Subjects, IReadOnlyList<CheckedLabel> Labels)
{
    /// <summary>The value of each clip in each column by which clips are grouped.</summary>
    public IReadOnlyDictionary<string, string[]> Groups { get; init; } = new Dictionary<string, string[]>();

    /// <summary>The embedding of each clip; <see langword="null"/> where there is no such column.</summary>
    public float[][]? Embeddings { get; init; }

    /// <summary>The embedding of each clip's speaker; <see langword="null"/> where there is no such column.</summary>
    public float[][]? Speakers { get; init; }
}

/// <summary>The lengths that an encoder takes, in samples at its rate.</summary>
/// <param name="Encoder">Its name.</param>
/// <param name="SampleRate">Its rate, Hz.</param>
/// <param name="MinSamples">Its receptive field.</param>
/// <param name="MaxSamples">The longest clip that is used as a whole; <see langword="null"/> for no limit.</param>
/// <param name="Rule">What training does with a longer one.</param>
internal sealed record LengthLimits(
    string Encoder, int SampleRate, long MinSamples, long? MaxSamples, LongAudioRule Rule);

/// <summary>Decodes every recording once, on worker threads, and puts together what is wrong.</summary>
internal static class DataCheck
{
    public static SpeechDataReport Run(
        IReadOnlyList<DataPart> parts, SpeechDataCheckOptions options, LengthLimits? limits,
        IProgress<SpeechDataProgress>? progress, CancellationToken cancellation)
    {
        int total = parts.Sum(p => p.Keys.Length);
        var facts = new List<ClipMetadata>(total);
        var workers = new ReadAheadLimits { Workers = Environment.ProcessorCount };
        (string Key, string Part)[] clips = [.. parts.SelectMany(p => p.Keys.Select(k => (k, p.Name)))];
        using var fetches = new FetchAhead<(string File, string Address)>(ParallelReads(clips, options.AudioFolder));
        using (var ahead = new ReadAhead<(string Key, string Part, Func<AudioReader> Open), ClipMetadata>(
            Open(clips, options, fetches, cancellation),
            clip => ClipMetadata.Read(clip.Key, clip.Part, clip.Open, options.Channel, options.MeasureVoice,
                cancellation),
            _ => 0,
            workers,
            cancellation))
        {
            while (ahead.MoveNext())
            {
                facts.Add(ahead.Current);
                progress?.Report(new SpeechDataProgress(facts.Count, total));
            }
        }
        var findings = new List<SpeechDataFinding>();
        foreach (ClipMetadata clip in facts)
        {
            findings.AddRange(OfClip(clip, options, limits));
        }
        findings.AddRange(Duplicates(facts));
        findings.AddRange(options.MeasureVoice ? VoiceCheck.OfAll(facts) : []);
        findings.AddRange(SubjectFindings.Find(parts));
        findings.AddRange(VoiceFindings.Find(parts));
        findings.AddRange(LabelFindings.Find([.. parts.SelectMany(p => p.Labels)]));

        ClipMetadata[] readable = [.. facts.Where(f => f.Problem is null)];
        TimeSpan[] durations = [.. readable.Select(f => f.Duration).Order()];
        return new SpeechDataReport
        {
            Parts = [.. parts.Select(p => new SpeechDataPart(
                p.Name, p.Keys.Length, p.Subjects?.Distinct(StringComparer.Ordinal).Count() ?? 0,
                Sum(readable.Where(f => f.Part == p.Name))))],
            SampleRates = [.. readable.GroupBy(f => f.SampleRate).OrderBy(g => g.Key)
            .Select(g => new SpeechDataRate(g.Key, g.Count(), Sum(g)))],
            Labels = [.. parts.SelectMany(p => p.Labels).Select(l => l.Table)],
            Findings = [.. findings.OrderBy(f => f.Problem)],
            Shortest = durations.FirstOrDefault(),
            Median = durations.Length == 0 ? TimeSpan.Zero : durations[durations.Length / 2],
            Longest = durations.LastOrDefault(),
            Histograms = DataDistributions.Histograms(parts, facts),
            Groups = DataDistributions.Groups(parts),
            Map = DataDistributions.Map(parts),
            Measures = options.MeasureVoice ? VoiceTables.ByLabel(parts, facts, options) : null,
            UnusualClips = options.MeasureVoice ? VoiceTables.Unusual(facts) : [],
        };
    }

    private static int ParallelReads((string Key, string Part)[] clips, string? folder) =>
        clips.FirstOrDefault(c => StoredAudio.Applies(folder, c.Key)).Key is { } key
            ? ObjectStores.For(StoragePath.IsRemote(key) ? key : folder!).ParallelReads : 1;

    /// <summary>How to open each clip; those in a store are brought here ahead of it, many at a time.</summary>
    private static IEnumerable<(string Key, string Part, Func<AudioReader> Open)> Open(
        (string Key, string Part)[] clips, SpeechDataCheckOptions options,
        FetchAhead<(string File, string Address)> fetches, CancellationToken cancellation)
    {
        string? folder = options.AudioFolder;
        if (!clips.Any(c => StoredAudio.Applies(folder, c.Key)))
        {
            return clips.Select(c =>
                (c.Key, c.Part, (Func<AudioReader>)(() =>
                AudioFile.Open(AudioPath.Resolve(folder, c.Key, options.Layout)))));
        }
        var stored = new StoredAudio(folder, options.Layout);
        async Task<(string File, string Address)> FetchAsync(string key)
        {
            if (StoredAudio.Applies(folder, key))
            {
                return await stored.FetchAsync(key, indexed: true, cancellation).ConfigureAwait(false);
            }
            string path = AudioPath.Resolve(folder, key, options.Layout); // a whole path among addresses
            return (path, path);
        }
        IEnumerable<Task<(string File, string Address)>> files = fetches.Map(clips.Select(c => c.Key), FetchAsync);
        return clips.Zip(files, (clip, file) => (clip.Key, clip.Part, (Func<AudioReader>)(() =>
        {
            (string here, string address) = file.GetAwaiter().GetResult();
            return AudioFile.Open(here, address);
        })));
    }

    private static TimeSpan Sum(IEnumerable<ClipMetadata> clips) =>
        TimeSpan.FromMilliseconds(Math.Round(clips.Sum(c => c.Duration.TotalMilliseconds)));

    private static IEnumerable<SpeechDataFinding> OfClip(
        ClipMetadata clip, SpeechDataCheckOptions options, LengthLimits? limits)
    {
        SpeechDataFinding Found(SpeechDataProblem problem, string message) =>
            new(problem, clip.Key, message, [clip.Key]);
        string length = FormattableString.Invariant(
            $"got {clip.Frames} samples at {clip.SampleRate} Hz ({clip.Duration.TotalSeconds:F3} s)");
        if (clip.Problem is { } problem)
        {
            yield return Found(problem, clip.Message);
            yield break;
        }
        foreach ((SpeechDataProblem doubt, string message) in LevelCheck.Of(clip))
        {
            yield return Found(doubt, message);
        }
        foreach ((SpeechDataProblem doubt, string message) in clip.Voice)
        {
            yield return Found(doubt, message);
        }
        if (clip.Silent && clip.Cancelled is null)
        {
            yield return Found(SpeechDataProblem.Silent,
                $"'{clip.Key}': expected a recording, {length} that are all the same.");
        }
        if (clip.Truncated)
        {
            yield return Found(SpeechDataProblem.CutOff,
                $"'{clip.Key}': expected {clip.Complete}, {length} and the end of the file.");
        }
        double seconds = clip.Duration.TotalSeconds;
        long atRate = limits is null ? 0 : Resampler.OutputLength(clip.Frames, clip.SampleRate, limits.SampleRate);
        if (limits is not null && atRate < limits.MinSamples)
        {
            yield return Found(SpeechDataProblem.TooShort,
                string.Create(CultureInfo.InvariantCulture,
                $"'{clip.Key}': expected at least {limits.MinSamples} samples at {limits.SampleRate} Hz, the " +
                $"receptive field of encoder '{limits.Encoder}', {length}."));
        }
        else if (seconds < options.MinSeconds)
        {
            yield return Found(SpeechDataProblem.TooShort,
                FormattableString.Invariant($"'{clip.Key}': expected at least {options.MinSeconds} s, {length}."));
        }
        if (limits is not null && atRate > limits.MaxSamples)
        {
            yield return Found(SpeechDataProblem.TooLong,
                string.Create(CultureInfo.InvariantCulture,
                $"'{clip.Key}': expected at most {limits.MaxSamples} samples at {limits.SampleRate} Hz, what encoder " +
                $"'{limits.Encoder}' is given at once, {length}. With LongAudio.Rule = {limits.Rule} " +
                $"{(limits.Rule == LongAudioRule.Truncate ? "the rest is left out" : "training refuses it")}."));
        }
        else if (seconds > options.MaxSeconds)
        {
            yield return Found(SpeechDataProblem.TooLong,
                FormattableString.Invariant($"'{clip.Key}': expected at most {options.MaxSeconds} s, {length}."));
        }
    }

    // Silent clips of one length are all alike; they are found as silent.
    private static IEnumerable<SpeechDataFinding> Duplicates(List<ClipMetadata> facts)
    {
        foreach (IGrouping<UInt128, ClipMetadata> same in facts.Where(f => f.Problem is null && !f.Silent)
            .GroupBy(f => f.Hash).Where(g => g.Count() > 1))
        {
            string[] parts = [.. same.Select(f => f.Part).Distinct(StringComparer.Ordinal)];
            string across = parts.Length > 1 ? $", and in the parts {string.Join(", ", parts)}" : "";
            string[] keys = [.. same.Select(f => f.Key)];
            yield return new SpeechDataFinding(
                SpeechDataProblem.Duplicate, keys[0],
                $"'{string.Join("', '", keys)}': expected each recording once, got the same samples {keys.Length} " +
                $"times{across}.", keys);
        }
    }
}
