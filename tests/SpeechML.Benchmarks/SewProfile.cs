using System.Globalization;
using SpeechML.Benchmarks.Growth;
using SpeechML.Benchmarks.Peers;
using SpeechML.Encoders.Families.Sew;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

/// <summary>Where the time of SEW at base size goes, one clip of 10 s, and which parts are not products.</summary>
internal static class SewProfile
{
    public static void Run()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var encoder = (SewEncoder)EncoderLoader.Load(
            RandomFolder.Make("sew-base-drawn", FamilyCases.SewConfig));
        EncoderInput input = encoder.Prepare([PeerAudio.Clip(0, 10)]);
        double whole = MedianTime.Of(() => encoder.Encode(input, new HashSet<int> { encoder.Config.LayerCount }));
        void Add(string what, int times, double multiplications, Action action)
        {
            double seconds = MedianTime.Of(action);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what,-32} {times,3} × {seconds * 1000,8:F2} ms = {times * seconds / whole,6:P1} of the encoder " +
                $"{(multiplications == 0 ? "" : $"{2 * multiplications / seconds / 1e9,7:F0} GFLOP/s")}"));
        }
        Tensor square = randn(2048, 2048);
        Add("product of 2048 × 2048 × 2048", 1, Math.Pow(2048, 3), () => MatrixProducts.Linear(square, square));
        Add("the encoder", 1, 0, () => encoder.Encode(input, new HashSet<int> { encoder.Config.LayerCount }));
        Add("the front end", 1, 0, () => encoder.FrontEnd.Run(input.Values, input.Lengths));
        long[] lengths = input.Lengths;
        Tensor current = input.Values;
        for (int i = 0; i < encoder.FrontEnd.Layers.Count; i++)
        {
            ConvLayer layer = encoder.FrontEnd.Layers[i];
            lengths = [((SewConfig)encoder.Config).AfterLayer(i, lengths[0])];
            (long[] valid, Tensor from) = (lengths, current);
            if (i == 0)
            {
                FirstConvolution first = layer.First(from, valid)!;
                Add("first convolution, to its kernel", 1, 0, () => layer.First(from, valid));
                current = first.Run(0, 0, valid[0]);
                Add("first convolution, the frames", 1, (double)layer.WeightForm.numel() * valid[0],
                    () => first.Run(0, 0, valid[0]));
                continue;
            }
            bool frames = layer.CanRunNext(from.shape[1]);
            current = (frames ? layer.Next(from) : null) ?? layer.Run(from.transpose(1, 2).contiguous(), valid)
                .transpose(1, 2).contiguous();
            Add($"convolution {i}, {layer.WeightForm.shape[1]} to {layer.WeightForm.shape[0]}, kernel " +
                $"{layer.WeightForm.shape[2]}{(frames ? "" : ", channels first")}", 1,
                (double)layer.WeightForm.numel() * valid[0],
                () => _ = (frames ? layer.Next(from) : null) ?? layer.Run(from.transpose(1, 2), valid));
        }
        Tensor channels = current.transpose(1, 2);
        Tensor projected = encoder.Project(channels);
        Add("norm and projection", 1, (double)channels.numel() * projected.shape[2], () => encoder.Project(channels));
        Add("positional convolution", 1, 0, () => encoder.Transformer.Positions.Run(projected));
        Tensor hidden = encoder.Transformer.Embed(projected);
        Add("that, squeeze and norm", 1, 0, () => encoder.Transformer.Embed(projected));
        (long count, long width) = (hidden.shape[1], hidden.shape[2]);
        int layers = encoder.Transformer.Layers.Count;
        var block = (SslLayer)encoder.Transformer.Layers[0];
        Add("attention", layers, (4.0 * count * width * width) + (2.0 * count * count * width),
            () => block.Attention.Attend(hidden, null, null));
        Add("feed-forward", layers, 8.0 * count * width * width, () => block.FeedForward.Run(hidden));
        Add("a layer", layers, (12.0 * count * width * width) + (2.0 * count * count * width),
            () => block.Run(hidden, null, null));
        Add("layers one after the other", 1, layers * ((12.0 * count * width * width) + (2.0 * count * count * width)),
            () => _ = encoder.Transformer.Layers.Aggregate(hidden, (h, l) => l.Run(h, null, null)));
        Add("upsampling", 1, 2.0 * count * width * width, () => encoder.Transformer.Finish(hidden, lengths));
    }
}
