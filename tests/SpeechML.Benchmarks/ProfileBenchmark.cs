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
        double whole = MedianTime.Of(() => encoder.Encode(input, new HashSet<int> { encoder.Config.LayerCount }));
        Tensor square = randn(Rated, Rated);
        double rate = Report("product of 2048 × 2048 × 2048", 1, Math.Pow(Rated, 3),
            MedianTime.Of(() => MatrixProducts.Linear(square, square)), whole, double.NaN);

        double sum = 0, products = 0;
        void Add(string what, int times, double multiplications, Action action)
        {
            double seconds = MedianTime.Of(action);
            _ = Report(what, times, multiplications, seconds, whole, rate);
            sum += times * seconds;
            products += times * multiplications;
        }
        IReadOnlyList<ConvLayer> front = encoder.FrontEnd.Layers;
        double kernel = front[0].WeightForm.numel();
        var kernels = (WaveformConfig)encoder.Config;
        long valid = kernels.AfterLayer(0, input.Lengths[0]);
        Tensor current = FirstFrames();
        Add("convolution 0 with norm and GELU", 1, kernel * current.shape[1], () => FirstFrames());
        for (int i = 1; i < front.Count; i++)
        {
            (ConvLayer layer, Tensor from) = (front[i], current);
            current = layer.Next(from)!;
            Add($"convolution {i} with GELU", 1, (double)layer.WeightForm.numel() * current.shape[1],
                () => layer.Next(from));
        }
        current = current.transpose(1, 2);
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
        Projection projection =
            block.Attention.modules().OfType<Projection>().First(p => p.WeightForm.shape[0] == width);
        _ = Report("one projection", 4 * layers, (double)count * width * width,
            MedianTime.Of(() => projection.forward(hidden)), whole, rate);
        Tensor heads = hidden.to(ScalarType.Float32).view(1, count, 12, width / 12).transpose(1, 2);
        _ = Report("scores, softmax, context", layers, 2.0 * count * count * width,
            MedianTime.Of(() => MatrixProducts.Attention(heads, heads, heads, null, null)), whole, rate);
        Tensor scores = randn(12, count, count);
        _ = Report("softmax", layers, 0, MedianTime.Of(() => scores.softmax(-1)), whole, rate);

        Tensor FirstFrames()
        {
            FirstConvolution first = front[0].First(input.Values, [valid])!;
            return first.Run(0, 0, valid);
        }
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
}
