using Microsoft.ML.OnnxRuntime;
using SpeechML.Audio.Common;
using SpeechML.Data.Onnx;
using SpeechML.Data.Recordings;
using SpeechML.Onnx.Wire;

namespace SpeechML.Onnx.Running;

/// <summary>Scores clips with an ONNX model, long ones window by window.</summary>
internal sealed class OnnxScorer : IDisposable
{
    // Seconds of audio in a batch, as SpeechML has it on the CPU and on a GPU.
    private const long CpuSeconds = 40;
    private const long GpuSeconds = 320;

    private readonly OnnxFile _file;
    private readonly OnnxDescription _description;
    private readonly OnnxSession _main;
    private readonly Lazy<OnnxSession> _head;
    private readonly Lazy<OnnxSession> _output;
    private readonly ModuleLifetime _lifetime;
    private readonly string[] _columns;
    private readonly long _budget;

    public OnnxScorer(OnnxFile file, OnnxDescription description, string? folder, int? gpu, bool fallback)
    {
        (_file, _description) = (file, description);
        _columns = [.. description.Columns.Select(c => c.Name)];
        _budget = description.Limits.SampleRate * (gpu is null ? CpuSeconds : GpuSeconds);
        bool windows = description.Limits.Rule == LongAudioRule.Windows;
        string[] more = !windows || IsFrames ? [] : description.Pooling == OnnxPooling.Attention
            ? [OnnxParts.Frames, OnnxParts.FrameScores] : [OnnxParts.Frames];
        _main = new OnnxSession(file.Main(description.Limits.Normalizes, more), folder, gpu, fallback);
        _head = new(() => new OnnxSession(_file.Tail(
            OnnxParts.Pooled, description.Features is null ? [] : [OnnxParts.FeaturesInput],
            [OnnxParts.Head, OnnxParts.Output], _columns, [OnnxParts.Logits]),
            null, null, true, threads: 1));
        _output = new(() => new OnnxSession(_file.Tail(
            OnnxParts.Logits, [], [OnnxParts.Output], _columns, []), null, null, true, threads: 1));
        _lifetime = new ModuleLifetime("speech model on ONNX Runtime", "Load it again.", Free);
    }

    /// <summary>Whether rows are the frames of clips.</summary>
    public bool IsFrames => _description.Columns[0].Size < 0;

    public OnnxFile File => _file;

    public OnnxSession Main => _main;

    public void ThrowIfDisposed() => _lifetime.ThrowIfDisposed();

    /// <summary>The rows of clips, in their order.</summary>
    public IEnumerable<OnnxRow> Run(IEnumerable<OnnxClip> clips) => BatchPlan.Run(
        clips, c => c.Samples, _budget, batch =>
    {
        using ModuleLifetime.Use use = _lifetime.Begin();
        try
        {
            return Score(batch);
        }
        catch (Exception error) when (error is OnnxRuntimeException or ArgumentException or OverflowException
            or IndexOutOfRangeException or DivideByZeroException)
        {
            throw new InvalidOperationException(
                "ONNX model: expected outputs of the shapes that its metadata say, got an error: " +
                $"{error.Message.TrimEnd('.')}. Export the model again.", error);
        }
    }).Select(p => p.Result);

    public void Dispose() => _lifetime.Dispose();

    private void Free()
    {
        _main.Dispose();
        foreach (Lazy<OnnxSession> tail in new[] { _head, _output })
        {
            if (tail.IsValueCreated)
            {
                tail.Value.Dispose();
            }
        }
    }

    private OnnxRow[] Score(OnnxClip[] batch)
    {
        OnnxLimits limits = _description.Limits;
        OnnxClip[] fitting = [.. batch.Where(c => !limits.IsCut(c.Samples.Length))];
        var rows = new Queue<OnnxRow>(fitting.Length == 0 ? [] : Together(fitting));
        return [.. batch.Select(c => limits.IsCut(c.Samples.Length) ? Recording(c.Samples, c.Features)
            : rows.Dequeue())];
    }

    private OnnxRow[] Together(OnnxClip[] clips)
    {
        string[] outputs = IsFrames ? [.. _columns, OnnxParts.FrameLengthsOutput] : _columns;
        IReadOnlyList<OrtValue> values = RunMain(clips, level: null, outputs);
        try
        {
            return IsFrames ? Frames(values, clips.Length) : Rows(values, clips.Length);
        }
        finally
        {
            Release(values);
        }
    }

    private OnnxRow Recording(float[] samples, float[]? features)
    {
        OnnxLimits limits = _description.Limits;
        AudioWindow[] windows =
            AudioWindow.Cut(samples.Length, limits.Window, limits.Step, limits.Hop, limits.Frames);
        (double Mean, double Scale)? level = limits.Normalizes ? WaveformNormalizer.Measure(samples) : null;
        int together = (int)Math.Clamp(_budget / 2 / limits.Window, 1, BatchPlan.MaxBatch);
        bool scores = _description.Pooling == OnnxPooling.Attention && !IsFrames;
        string frames = IsFrames ? _columns[0] : OnnxParts.Frames;
        RunningFrames whole = RunningFrames.Begin(_description.Pooling);
        var all = new List<float>();
        var each = new List<(float[] Pooled, double Weight)>();
        foreach (AudioWindow[] chunk in windows.Chunk(together))
        {
            OnnxClip[] clips =
                [.. chunk.Select(w => new OnnxClip(samples.AsSpan(w.Start, w.Length).ToArray(), features))];
            IReadOnlyList<OrtValue> values = RunMain(
                clips, level ?? (0, 1), scores ? [frames, OnnxParts.FrameScores] : [frames]);
            try
            {
                int size = _description.FrameSize;
                int stride = values[0].GetTensorDataAsSpan<float>().Length / chunk.Length / size;
                for (int i = 0; i < chunk.Length; i++)
                {
                    int first = (i * stride) + chunk[i].From;
                    ReadOnlySpan<float> own =
                        values[0].GetTensorDataAsSpan<float>().Slice(first * size, chunk[i].Frames * size);
                    ReadOnlySpan<float> score =
                        scores ? values[1].GetTensorDataAsSpan<float>().Slice(first, chunk[i].Frames) : [];
                    Take(own, score, chunk[i], whole, all, each);
                }
            }
            finally
            {
                Release(values);
            }
        }
        return IsFrames ? new OnnxRow([all.ToArray()])
            : limits.PoolsTogether ? Head(whole.Result(), features) : Average(each, features);
    }

    private void Take(
        ReadOnlySpan<float> frames, ReadOnlySpan<float> scores, AudioWindow window, RunningFrames whole,
        List<float> all, List<(float[] Pooled, double Weight)> each)
    {
        if (IsFrames)
        {
            all.AddRange(frames);
        }
        else if (_description.Limits.PoolsTogether)
        {
            whole.Add(frames, _description.FrameSize, scores);
        }
        else
        {
            RunningFrames own = RunningFrames.Begin(_description.Pooling);
            own.Add(frames, _description.FrameSize, scores);
            each.Add((own.Result(), window.Frames));
        }
    }

    private OnnxRow Head(float[] pooled, float[]? features) => _description.Outputs == 0 ? new OnnxRow([pooled])
        : Tail(_head.Value, OnnxParts.Pooled, pooled, features, _columns, values => Rows(values, 1)[0]);

    private OnnxRow Average(List<(float[] Pooled, double Weight)> windows, float[]? features)
    {
        OutputForm form = _description.Form;
        if (_description.Outputs == 0)
        {
            return new OnnxRow([WindowOutputs.Average(form, windows)]);
        }
        float[] logits = WindowOutputs.Average(form, [.. windows.Select(w => (Tail(
            _head.Value, OnnxParts.Pooled, w.Pooled, features, [OnnxParts.Logits],
            values => values[0].GetTensorDataAsSpan<float>().ToArray()), w.Weight))]);
        return Tail(_output.Value, OnnxParts.Logits, logits, null, _columns, values => Rows(values, 1)[0]);
    }

    private static T Tail<T>(
        OnnxSession session, string input, float[] vector, float[]? features, string[] outputs,
        Func<IReadOnlyList<OrtValue>, T> read)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(vector, [1, vector.Length]);
        using OrtValue? numbers = features is null ? null
            : OrtValue.CreateTensorValueFromMemory(features, [1, features.Length]);
        IReadOnlyList<OrtValue> values = session.Run(
            numbers is null ? [(input, value)] : [(input, value), (OnnxParts.FeaturesInput, numbers)], outputs);
        try
        {
            return read(values);
        }
        finally
        {
            Release(values);
        }
    }

    // level: of the recording that the clips are of; without one each clip has its own.
    private IReadOnlyList<OrtValue> RunMain(OnnxClip[] clips, (double Mean, double Scale)? level, string[] outputs)
    {
        int longest = clips.Max(c => c.Samples.Length);
        float[] batch = new float[checked(clips.Length * longest)];
        bool normalizes = _description.Limits.Normalizes;
        for (int i = 0; i < clips.Length; i++)
        {
            float[] samples = clips[i].Samples;
            Span<float> row = batch.AsSpan(i * longest, samples.Length);
            if (normalizes)
            {
                (double mean, double scale) = level ?? WaveformNormalizer.Measure(samples);
                WaveformNormalizer.Apply(samples, row, mean, scale);
            }
            else
            {
                samples.CopyTo(row);
            }
        }
        long[] lengths = Array.ConvertAll(clips, c => (long)c.Samples.Length);
        using OrtValue audio = OrtValue.CreateTensorValueFromMemory(batch, [clips.Length, longest]);
        using OrtValue counts = OrtValue.CreateTensorValueFromMemory(lengths, [clips.Length]);
        using OrtValue? numbers = _description.Features is null ? null
            : OrtValue.CreateTensorValueFromMemory(
                [.. clips.SelectMany(c => c.Features!)], [clips.Length, _description.FeatureCount]);
        List<(string, OrtValue)> inputs =
            [(normalizes ? OnnxParts.Waveform : OnnxParts.AudioInput, audio), (OnnxParts.LengthsInput, counts)];
        if (numbers is not null)
        {
            inputs.Add((OnnxParts.FeaturesInput, numbers));
        }
        return _main.Run(inputs, outputs);
    }

    private static OnnxRow[] Frames(IReadOnlyList<OrtValue> values, int clips)
    {
        ReadOnlySpan<float> frames = values[0].GetTensorDataAsSpan<float>();
        ReadOnlySpan<long> lengths = values[1].GetTensorDataAsSpan<long>();
        long[] shape = values[0].GetTensorTypeAndShape().Shape;
        int size = (int)shape[2], stride = (int)shape[1] * size;
        var rows = new OnnxRow[clips];
        for (int i = 0; i < clips; i++)
        {
            rows[i] = new OnnxRow([frames.Slice(i * stride, (int)lengths[i] * size).ToArray()]);
        }
        return rows;
    }

    private OnnxRow[] Rows(IReadOnlyList<OrtValue> values, int clips)
    {
        OnnxRow[] rows = [.. Enumerable.Range(0, clips).Select(_ => new OnnxRow(new Array[_columns.Length]))];
        for (int column = 0; column < _columns.Length; column++)
        {
            OnnxColumn description = _description.Columns[column];
            int size = description.Element == OnnxElement.Key ? 1 : Math.Max(1, description.Size);
            for (int i = 0; i < clips; i++)
            {
                rows[i].Columns[column] = description.Element switch
                {
                    OnnxElement.Single => Part<float>(values[column], i, size),
                    OnnxElement.Boolean => Part<bool>(values[column], i, size),
                    OnnxElement.Text => new[] { values[column].GetStringElement(i) },
                    _ => Part<uint>(values[column], i, size),
                };
            }
        }
        return rows;
    }

    private static T[] Part<T>(OrtValue value, int row, int size)
        where T : unmanaged => value.GetTensorDataAsSpan<T>().Slice(row * size, size).ToArray();

    private static void Release(IReadOnlyList<OrtValue> values)
    {
        foreach (OrtValue value in values)
        {
            value.Dispose();
        }
    }
}
