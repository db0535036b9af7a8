using System.Diagnostics;
using System.Globalization;
using SpeechML.Benchmarks.Peers;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

/// <summary>
/// Where the time of HuBERT base goes, one clip, and how far each part is from the rate of large matrix products.
/// </summary>
internal static class ProfileBenchmark
{
    private const int Runs = 15;
    private const int Rated = 2048; // rows, inner and columns of the product that stands for the machine's rate

    public static void Run(int duration, SpeechPrecision precision)
    {
        if (!PeerFiles.AvailableFor("profile"))
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var encoder = (SslEncoder)EncoderLoader.Load(PeerFiles.Checkpoint("hubert-base"));
        encoder.UsePrecision(precision);
        EncoderInput input = encoder.Prepare([PeerAudio.Clip(0, duration)]);
        double whole = Median(() => encoder.Encode(input, new HashSet<int> { encoder.Config.LayerCount }));
        Tensor square = randn(Rated, Rated);
        double rate = Report("product of 2048 × 2048 × 2048", 1, Math.Pow(Rated, 3),
            Median(() => MatrixProducts.Linear(square, square)), whole, double.NaN);

        Tensor current = input.Values.unsqueeze(1);
        long[] lengths = input.Lengths;
        double sum = 0, products = 0;
        void Add(string what, int times, double multiplications, Action action)
        {
            double seconds = Median(action);
            _ = Report(what, times, multiplications, seconds, whole, rate);
            sum += times * seconds;
            products += times * multiplications;
        }
        for (int i = 0; i < encoder.FrontEnd.Layers.Count; i++)
        {
            ConvLayer layer = encoder.FrontEnd.Layers[i];
            Tensor from = current;
            Tensor convolved = layer.Convolution.forward(from);
            Add($"convolution {i}", 1, (double)layer.Weight.numel() * convolved.shape[2],
                () => layer.Convolution.forward(from));
            lengths = [convolved.shape[2]];
            Tensor next = layer.Run(from, lengths);
            if (i == 0)
            {
                Tensor normed = convolved.clone();
                Add("norm of convolution 0", 1, 0, () => nn.functional.group_norm(normed, normed.shape[1]));
            }
            Tensor active = convolved.clone();
            Add($"GELU of convolution {i}", 1, 0, () => TensorMath.Gelu(active));
            current = next;
        }
        Tensor frames = current;
        Tensor projected = encoder.Project(frames);
        Add("feature projection with norm", 1, (double)frames.numel() * projected.shape[2],
            () => encoder.Project(frames));
        Add("positional convolution", 1, 0, () => encoder.Transformer.Positions.Run(projected, null));
        Tensor hidden = encoder.Transformer.Embed(projected, null);
        (long count, long width) = (hidden.shape[1], hidden.shape[2]);
        int layers = encoder.Transformer.Layers.Count;
        var block = (SslLayer)encoder.Transformer.Layers[0];
        Add("attention, all", layers, (4.0 * count * width * width) + (2.0 * count * count * width),
            () => block.Attention.Attend(hidden, null, null));
        Add("feed-forward", layers, 8.0 * count * width * width, () => block.FeedForward.Run(hidden));
        Add("norm and residual sum", 2 * layers, 0, () => block.Norm.forward(TensorMath.Add(hidden, hidden)));
        _ = Report("sum of parts", 1, products, sum, whole, rate);
        _ = Report("the encoder", 1, products, whole, whole, rate);

        Console.WriteLine("of which, within attention:");
        Tensor weight = randn(width, width), bias = randn(width);
        _ = Report("one projection", 4 * layers, (double)count * width * width,
            Median(() => MatrixProducts.Linear(hidden, weight, bias)), whole, rate);
        Tensor heads = hidden.view(1, count, 12, width / 12).transpose(1, 2);
        _ = Report("scores, softmax, context", layers, 2.0 * count * count * width,
            Median(() => MatrixProducts.Attention(heads, heads, heads, null, null)), whole, rate);
        Tensor scores = randn(12, count, count);
        _ = Report("softmax", layers, 0, Median(() => scores.softmax(-1)), whole, rate);
    }

    private static double Report(
        string what, int times, double multiplications, double seconds, double whole, double rate)
    {
        double reached = 2 * multiplications / seconds / 1e9;
        string rates = multiplications == 0 ? ""
            : FormattableString.Invariant(
            $"{reached,7:F0} GFLOP/s{(double.IsNaN(rate) ? "" : $" = {reached / rate:P0} of the large product's")}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-32} {times,3} × {seconds * 1000,8:F2} ms = {times * seconds / whole,6:P1} of the encoder " +
            $"{rates}"));
        return reached;
    }

    private static double Median(Action action)
    {
        double[] seconds = new double[Runs];
        for (int run = -2; run < Runs; run++)
        {
            using DisposeScope scope = NewDisposeScope();
            long start = Stopwatch.GetTimestamp();
            action();
            if (run >= 0)
            {
                seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }
        Array.Sort(seconds);
        return seconds[Runs / 2];
    }
}
