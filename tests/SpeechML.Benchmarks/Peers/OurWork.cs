using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Benchmarks.Growth;
using SpeechML.Benchmarks.Workers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>This library's side.</summary>
internal static class OurWork
{
    public static IWork Inference(
        string model, int clips, int seconds = 10, SpeechPrecision precision = SpeechPrecision.Float32)
    {
        SpeechEncoder encoder = EncoderLoader.Load(PeerFiles.Checkpoint(model));
        encoder.UsePrecision(precision);
        EncoderInput input = encoder.Prepare([.. Enumerable.Range(0, clips).Select(i => PeerAudio.Clip(i, seconds))]);
        return new Work(() => Last(encoder, input), () => Values(encoder, input), encoder);
    }

    /// <summary>What the graph of an encoder of spectrograms takes for a clip of 10 s: (1, frames, values).</summary>
    public static Tensor Features(string model)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(PeerFiles.Checkpoint(model), layers: 0);
        using EncoderInput input = encoder.Prepare([PeerAudio.Clip(0, 10)]);
        return input.Values.transpose(1, 2).contiguous();
    }

    /// <summary>An encoder with weights as they are drawn, one clip: nothing to compare with.</summary>
    /// <param name="name">Name of its folder.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="seconds">How long the clip is.</param>
    public static IWork Drawn(string name, string config, int seconds = 10)
    {
        SpeechEncoder encoder = EncoderLoader.Load(RandomFolder.Make(name, config));
        EncoderInput input = encoder.Prepare([PeerAudio.Clip(0, seconds)]);
        return new Work(() => Last(encoder, input),
            () => [Values(encoder, input).All(float.IsFinite) ? 1 : float.NaN], encoder);
    }

    public static IWork Whisper(SpeechPrecision precision = SpeechPrecision.Float32)
    {
        SpeechEncoder encoder = EncoderLoader.Load(PeerFiles.Checkpoint("whisper-base"));
        encoder.UsePrecision(precision);
        EncoderInput input = encoder.Prepare([PeerAudio.Clip(0, 30)]);
        return new Work(() => Last(encoder, input), () => Values(encoder, input), encoder);
    }

    public static IWork WhisperTrimmed()
    {
        string folder = PeerFiles.Checkpoint("whisper-base");
        SpeechEncoder encoder = EncoderLoader.Load(folder, context: WhisperContext.Trimmed);
        float[][] clips = [.. Enumerable.Range(0, 8).Select(i => PeerAudio.Clip(i, 3))];
        return new Work(
            () => Last(encoder, encoder.Prepare(clips)),
            () =>
            {
                using SpeechEncoder exact = EncoderLoader.Load(folder);
                return Values(exact, exact.Prepare(clips[..1]));
            },
            encoder);
    }

    public static IWork Folder(SpeechPrecision precision = SpeechPrecision.Float32)
    {
        string[] files = PeerAudio.Files(PeerCases.Clips);
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable(files.Select(f => new Row { File = f }));
        var model = context.Transforms.LoadAudio("Audio", null, "File")
            .Append(context.Transforms.ResampleAudio("Audio", 16_000))
            .Append(context.Transforms.EncodeSpeech("Features", new SpeechEncodingOptions
            {
                Encoder = PeerFiles.Checkpoint("hubert-base"),
                Precision = precision,
            }, "Audio"))
            .Fit(data);
        float[][] Score(int count) =>
            [.. model.Transform(context.Data.LoadFromEnumerable(files[..count].Select(f => new Row { File = f })))
                .GetColumn<float[]>("Features")];
        return new Work(() => Score(files.Length), () => [.. Score(3).SelectMany(v => v)], model);
    }

    public static IWork Load()
    {
        string folder = PeerFiles.Checkpoint("hubert-base");
        SpeechEncoder? encoder = null;
        return new Work(
            () =>
            {
                encoder?.Dispose();
                encoder = EncoderLoader.Load(folder);
            },
            () =>
            {
                using SpeechEncoder loaded = EncoderLoader.Load(folder);
                return Values(loaded, loaded.Prepare([PeerAudio.Clip(0, 1)]));
            });
    }

    private static void Last(SpeechEncoder encoder, EncoderInput input)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        _ = encoder.Encode(input, new HashSet<int> { encoder.Config.LayerCount });
    }

    private static float[] Values(SpeechEncoder encoder, EncoderInput input)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        EncodedFrames frames = encoder.Encode(input, new HashSet<int> { encoder.Config.LayerCount });
        return frames.LastHiddenState!.to(ScalarType.Float32).contiguous().data<float>().ToArray();
    }

    private sealed class Row
    {
        public string File { get; set; } = "";
    }
}
