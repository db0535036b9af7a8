using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Benchmarks.Workers;
using SpeechML.EncodeSpeech;
using SpeechML.Model;
using SpeechML.Model.Pooling;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>What a pipeline costs beside its encoder.</summary>
internal static class ZipWork
{
    public static IWork Pipeline()
    {
        string[] files = Files();
        int half = files.Length / 2;
        return new Work(() => Features(files[..half], files[half..]),
            () => [.. Features(files[..2], files[half..(half + 2)]).SelectMany(v => v)]);
    }

    public static IWork Encoder()
    {
        float[][] clips = [.. Files().Select(f => MLAudio.FromFile(f, 16_000).Samples.ToArray())];
        int half = clips.Length / 2;
        SpeechEncoder encoder = EncoderLoader.Load(PeerFiles.Checkpoint("hubert-base"));
        var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1),
            SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0), head: null);
        network.eval();
        IEnumerable<float[]> Run(float[][] first, float[][] second) =>
            EncodingBatches.Run(network, first, CPU).Concat(EncodingBatches.Run(network, second, CPU));
        return new Work(() => _ = Run(clips[..half], clips[half..]).ToList(),
            () => [.. Run(clips[..2], clips[half..(half + 2)]).SelectMany(v => v)], network);
    }

    private static string[] Files() => PeerAudio.Files(PeerCases.Clips, 2, 10);

    /// <summary>Features of some files, and of others by the model as it comes back from its zip.</summary>
    private static List<float[]> Features(string[] first, string[] second)
    {
        var context = new MLContext(seed: 1);
        IDataView Data(string[] files) => context.Data.LoadFromEnumerable(files.Select(f => new Row { File = f }));
        string zip = Path.Combine(PeerFiles.Cache, $"model-{Environment.ProcessId}.zip");
        List<float[]> features;
        IDataView data = Data(first);
        using (var model = context.Transforms.LoadAudio("Audio", null, "File")
            .Append(context.Transforms.ResampleAudio("Audio", 16_000))
            .Append(context.Transforms.EncodeSpeech("Features", PeerFiles.Checkpoint("hubert-base")))
            .Fit(data))
        {
            features = [.. model.Transform(data).GetColumn<float[]>("Features")];
            context.Model.Save(model, data.Schema, zip);
        }
        ITransformer loaded = context.Model.Load(zip, out _);
        using (loaded as IDisposable)
        {
            features.AddRange(loaded.Transform(Data(second)).GetColumn<float[]>("Features"));
        }
        File.Delete(zip);
        return features;
    }

    private sealed class Row
    {
        public string File { get; set; } = "";
    }
}
