using System.Globalization;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Common;
using SpeechML.Data.Extras;
using SpeechML.Data.Interop;
using SpeechML.EncodeSpeech;
using SpeechML.Model;

namespace SpeechML.Explaining;

/// <summary>Explains the scores of clips.</summary>
internal sealed class ClipExplainer
{
    // A cancelled explanation ends after at most so many scoring batches.
    private const int BatchesBetweenChecks = 2;

    private readonly SpeechModel _model;
    private readonly string _column;
    private readonly SpeechExplanationOptions _options;
    private readonly TargetScores _targets;
    private readonly IHostEnvironment? _env;

    /// <param name="scorer">The model.</param>
    /// <param name="options">What to compute.</param>
    /// <param name="env">The context whose log is told what to doubt; <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or names no target of the model.</exception>
    public ClipExplainer(
        SpeechScoringTransformer scorer, SpeechExplanationOptions options, IHostEnvironment? env = null)
    {
        options.Validate();
        (_model, _column, _options, _env) = (scorer.Model, scorer.AudioColumn, options, env);
        _targets = TargetScores.Of(scorer, options.Targets);
    }

    /// <summary>What the model reads beside the audio.</summary>
    public IReadOnlyList<ExtraFeature> ExtraFeatures => _model.Facts.ExtraFeatures ?? [];

    /// <param name="audio">The clip as the model gets it.</param>
    /// <param name="extras">Its extra features, where the model takes any.</param>
    /// <param name="progress">Told on the calling thread.</param>
    /// <param name="cancellation">Stops it between batches.</param>
    public SpeechExplanation Explain(
        MLAudio audio, float[]? extras, IProgress<SpeechExplanationProgress>? progress, Cancellation cancellation)
    {
        cancellation.ThrowIfRequested();
        _model.Network.ThrowIfDisposed();
        float[] samples = _model.Samples(audio, _column);
        double seconds = (double)samples.Length / audio.SampleRate;
        (int window, int hop) = ClipParts.Sizes(samples.Length, audio.SampleRate, _options);
        (int Start, int End)[] segments =
            [.. _options.TimeOcclusion ? ClipParts.Segments(samples.Length, window, hop) : []];
        (double Low, double High)[] bands =
            [.. _options.BandOcclusion ? MelBands.Edges(_options.Bands, audio.SampleRate) : []];
        int variants = 2 + segments.Length + bands.Length,
            points = _options.IntegratedGradients ? _options.MaxGradientPoints : 0;
        void Report(int done) => progress?.Report(new(done, variants + points));
        // One after the other: long clips take much memory.
        IEnumerable<float[]> whole = bands.Select(b => MelBands.Without(samples, b.Low, b.High, audio.SampleRate))
            .Prepend(new float[samples.Length]);
        double[][] scores = _model.Network.LongAudio.IsCut(samples.Length)
            ? ScoreInWindows(samples, segments, whole, audio, extras, Report, cancellation)
            : Score(
                segments.Select(s => ClipParts.Without(samples, s.Start, s.End, audio.SampleRate, _options))
                    .Prepend(samples).Concat(whole), audio, extras, Report, cancellation);
        PathIntegral? integral = null;
        double[] gaps = [], baseline = [];
        double end = seconds;
        if (_options.IntegratedGradients)
        {
            (integral, baseline, gaps, end) = Integrate(samples, extras, audio.SampleRate,
                done => progress?.Report(new(variants + done, variants + points)), cancellation);
        }
        ExplainedTarget[] targets = [.. _targets.Names.Select((name, k) => new ExplainedTarget(
            name, scores[0][k], _targets.Probability(scores[0][k]), scores[1 + segments.Length][k],
            integral is null ? null : baseline[k], integral is null ? null : gaps[k]))];
        WarnOfGaps(integral, targets, audio, seconds);
        double Seconds(int sample) => (double)sample / audio.SampleRate;
        return new SpeechExplanation
        {
            Source = audio.Source ?? "",
            Seconds = seconds,
            WindowSeconds = Seconds(window),
            HopSeconds = Seconds(hop),
            GradientPoints = integral?.Points ?? 0,
            Targets = targets,
            Audio = audio,
            Attributions =
            [
                .. targets.SelectMany((t, k) => segments.Select((s, i) => Occluded(
                    ExplanationMethod.TimeOcclusion, t, Seconds(s.Start), Seconds(s.End), null, scores[1 + i][k]))),
                .. targets.SelectMany((t, k) => bands.Select((b, i) => Occluded(
                    ExplanationMethod.BandOcclusion, t, 0, seconds, b, scores[2 + segments.Length + i][k]))),
                .. Attention(audio, seconds),
                .. integral is null ? [] : Integrated(integral, targets, seconds, audio.SampleRate, end),
                .. extras is null ? [] : Extras(samples, extras, targets, seconds),
            ],
        };
    }

    private void WarnOfGaps(PathIntegral? integral, ExplainedTarget[] targets, MLAudio audio, double seconds)
    {
        if (integral is null || _env is null)
        {
            return;
        }
        string clip = audio.Source is { Length: > 0 } source ? $"'{source}'"
            : FormattableString.Invariant($"of {seconds:F3} s");
        foreach ((ExplainedTarget target, double allowed) in targets.Zip(integral.Allowed)
            .Where(t => t.First.CompletenessGap > t.Second))
        {
            using IChannel channel = _env.Start("Explain");
            channel.Warning(string.Create(CultureInfo.InvariantCulture,
                $"Clip {clip}, target '{target.Name}': integrated gradients expected to sum to " +
                $"{target.Score - target.BaselineScore:G3} within {allowed:G3}, got a sum that is " +
                $"{target.CompletenessGap:G3} off after {integral.Points} points. Parts of that size say nothing; " +
                $"raise MaxGradientPoints ({_options.MaxGradientPoints})."));
        }
    }

    private ClipAttribution Occluded(
        ExplanationMethod method, ExplainedTarget target, double start, double end, (double Low, double High)? band,
        double without) =>
        new(method, target.Name, start, end, band?.Low, band?.High, target.Score - without, without,
            _targets.Probability(without));

    /// <summary>Each extra feature, and all of them, at the mean of the training clips.</summary>
    private IEnumerable<ClipAttribution> Extras(
        float[] samples, float[] extras, ExplainedTarget[] targets, double seconds)
    {
        float[] means = _model.Network.Extra!.Means();
        string[] names = ["", .. ExtraFeatures.SelectMany(f => f.Names)];
        // All first.
        float[][] variants =
            [means, .. extras.Select((_, i) => (float[])[.. extras[..i], means[i], .. extras[(i + 1)..]])];
        double[][] scores = [.. _model.ScoreVariants(samples, variants).Select(_targets.Scores)];
        return targets.SelectMany((t, k) => names.Select((name, i) => new ClipAttribution(
            ExplanationMethod.ExtraFeatures, t.Name, 0, seconds, null, null, t.Score - scores[i][k], scores[i][k],
            _targets.Probability(scores[i][k]))
        {
            Feature = name,
        }));
    }

    private IEnumerable<ClipAttribution> Attention(MLAudio audio, double seconds)
    {
        float[] weights = _options.Attention ? _model.FrameWeights(audio, _column) ?? [] : [];
        double frame = _model.FrameSeconds;
        return weights.Select((w, i) => new ClipAttribution(ExplanationMethod.Attention, "", i * frame,
            Math.Max(i * frame, Math.Min(seconds, (i + 1) * frame)), null, null, w));
    }

    private IEnumerable<ClipAttribution> Integrated(
        PathIntegral integral, ExplainedTarget[] targets, double seconds, int sampleRate, double end)
    {
        double segment = (double)ClipParts.Samples(_options.GradientSegmentSeconds, sampleRate) / sampleRate;
        return targets.Zip(integral.Parts).SelectMany(t => t.Second
            .SkipLast(end > seconds ? 0 : 1)
            .Select((value, i) => i == t.Second.Length - 1
                ? new ClipAttribution(
                    ExplanationMethod.IntegratedGradients, t.First.Name, seconds, end, null, null, value)
                : new ClipAttribution(ExplanationMethod.IntegratedGradients, t.First.Name, i * segment,
                    Math.Min(seconds, (i + 1) * segment), null, null, value)));
    }

    private (PathIntegral Integral, double[] Baseline, double[] Gaps, double End) Integrate(
        float[] samples, float[]? extras, int sampleRate, Action<int> report, Cancellation cancellation)
    {
        using ModuleLifetime.Use use = _model.Network.BeginUse();
        int segment = ClipParts.Samples(_options.GradientSegmentSeconds, sampleRate);
        using IGradientPath path = _model.Network.LongAudio.IsCut(samples.Length)
            ? new RecordingPath(_model, _targets, samples, extras, segment)
            : new GradientPath(_model, _targets, samples, extras, segment);
        (double[] baseline, double[] clip) = path.Ends();
        int done = 0;
        PathPoint[] At(double[] points)
        {
            PathPoint[] found = path.At(points, cancellation.ThrowIfRequested);
            report(done += points.Length);
            return found;
        }
        PathIntegral integral = PathIntegral.Compute(
            At, baseline, clip, _options.CompletenessTolerance, _options.MaxGradientPoints);
        double[] gaps = [.. integral.Parts.Select((p, k) => Math.Abs(p.Sum() - (clip[k] - baseline[k])))];
        return (integral, baseline, gaps, path.Seconds);
    }

    /// <summary>
    /// The scores of a clip in windows, of it without each segment, and of clips that are other as a whole.
    /// </summary>
    private double[][] ScoreInWindows(
        float[] samples, (int Start, int End)[] segments, IEnumerable<float[]> whole, MLAudio audio, float[]? extras,
        Action<int> report, Cancellation cancellation)
    {
        using ModuleLifetime.Use use = _model.Network.BeginUse();
        var recording = new RecordingVariants(_model.Network, samples, extras);
        var scores = new List<double[]> { _targets.Scores(recording.Outputs()) };
        foreach ((int start, int end) in segments)
        {
            cancellation.ThrowIfRequested();
            scores.Add(_targets.Scores(recording.Outputs(
                ClipParts.Without(samples, start, end, audio.SampleRate, _options), start, end)));
            report(scores.Count);
        }
        return [.. scores, .. Score(whole, audio, extras, done => report(scores.Count + done), cancellation)];
    }

    /// <summary>The scores of variants of a clip, scored as any clips are.</summary>
    private double[][] Score(
        IEnumerable<float[]> variants, MLAudio audio, float[]? extras, Action<int> report, Cancellation cancellation)
    {
        long budget = EncodingBatches.Budget(_model.Device, _model.Network.Encoder.Config);
        var scores = new List<double[]>();
        foreach (float[][] some in variants.Chunk((int)Math.Max(1, BatchesBetweenChecks * budget / audio.Length)))
        {
            cancellation.ThrowIfRequested();
            scores.AddRange(_model.Score(
                some.Select(v => (MLAudio.Wrap(v, audio.SampleRate, audio.Source), extras)), _column)
                .Select(_targets.Scores));
            report(scores.Count);
        }
        return [.. scores];
    }
}
