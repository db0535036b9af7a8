using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using SpeechML.Model.HuggingFace;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>
/// From frames to a speaker's embedding (Snyder et al. 2018), as <c>…ForXVector</c> of transformers computes it: a
/// linear map, layers over time without padding, mean and standard deviation (n - 1) over the frames that these leave,
/// a linear map. Weights are not initialised: a checkpoint fills every one.
/// </summary>
internal sealed class XVectorPooling : FramePooling
{
    [ComponentName(Name = "projector")]
    private readonly Projection _projector;

    [ComponentName(Name = "tdnn")]
    private readonly ModuleList<TimeDelay> _layers;

    [ComponentName(Name = "feature_extractor")]
    private readonly Projection _embedding;

    [ComponentName(Name = "classifier")]
    private readonly Projection _classifier;

    [ComponentName(Name = "objective")]
    private readonly Objective? _objective;

    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="shape">The sizes.</param>
    public XVectorPooling(int hidden, XVectorShape shape)
        : base(nameof(XVectorPooling), shape.Size)
    {
        _projector = new Projection(hidden, shape.Channels[0]);
        _layers = new ModuleList<TimeDelay>([.. Enumerable.Range(0, shape.Channels.Length).Select(k => new TimeDelay(
            shape.InputsOf(k), shape.Channels[k], shape.Kernels[k], shape.Dilations[k]))]);
        _embedding = new Projection(2L * shape.Channels[^1], shape.Size);
        _classifier = new Projection(shape.Size, shape.Size);
        _objective = shape.Speakers == 0 ? null : new Objective(shape.Size, shape.Speakers);
        RegisterComponents();
    }

    /// <summary>What Python calls the logits of embeddings, by which it was trained.</summary>
    public Tensor Logits(Tensor embeddings) => _classifier.forward(embeddings);

    protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count)
    {
        Tensor frames = _projector.forward(hidden.masked_fill(padding, Scalars.Of(0))).transpose(1, 2);
        foreach (TimeDelay layer in _layers)
        {
            frames = layer.Run(frames);
        }
        // Each frame sees itself and later ones: those behind a clip's last are of its padding.
        Tensor left = count - Scalars.Of((double)(hidden.shape[1] - frames.shape[2]));
        frames = frames.transpose(1, 2);
        Tensor beyond = (Scalars.Range(frames.shape[1], frames.device) >= left).unsqueeze(2);
        Tensor mean = frames.masked_fill(beyond, Scalars.Of(0)).sum([1]) / left;
        Tensor squares = (frames - mean.unsqueeze(1)).masked_fill(beyond, Scalars.Of(0)).square().sum([1]);
        Tensor deviation = (squares / (left - Scalars.Of(1.0))).sqrt();
        return _embedding.forward(cat([mean, deviation], 1));
    }

    /// <summary>
    /// A convolution over time whose weight lies as a linear map's over (kernel, channels), and ReLU.
    /// </summary>
    private sealed class TimeDelay : nn.Module
    {
        [ComponentName(Name = "kernel")]
        private readonly Projection _kernel;

        private readonly long _inputs;
        private readonly long _outputs;
        private readonly long _size;
        private readonly long _dilation;

        public TimeDelay(long inputs, long outputs, long size, long dilation)
            : base(nameof(TimeDelay))
        {
            _kernel = new Projection(inputs * size, outputs);
            (_inputs, _outputs, _size, _dilation) = (inputs, outputs, size, dilation);
            RegisterComponents();
        }

        /// <summary>(batch, inputs, frames) to (batch, outputs, fewer frames).</summary>
        public Tensor Run(Tensor frames)
        {
            Tensor weight = _kernel.Weight.view(_outputs, _size, _inputs).transpose(1, 2);
            return nn.functional.conv1d(frames, weight, _kernel.Bias, dilation: _dilation).relu();
        }
    }

    /// <summary>Weights of the speakers that it was trained on, which nothing reads in scoring.</summary>
    private sealed class Objective : nn.Module
    {
        [ComponentName(Name = "weight")]
        private readonly Parameter _weight;

        public Objective(long size, long speakers)
            : base(nameof(Objective))
        {
            _weight = Weights.Empty(size, speakers);
            RegisterComponents();
        }
    }
}
