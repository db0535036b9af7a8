using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// A trainable change of a linear map whose own weight stays as it is. The <see cref="Projection"/> that is given one
/// does not know which kind.
/// </summary>
/// <param name="name">The name under which the adapter's parameters lie below the projection's.</param>
internal abstract class ProjectionAdapter(string name) : nn.Module(name)
{
    /// <summary>The changed map of (…, inputs) to a fresh (…, outputs).</summary>
    /// <param name="input">(…, inputs), in the type that the projection is computed in.</param>
    /// <param name="map">The projection.</param>
    public abstract Tensor Run(Tensor input, Projection map);

    /// <summary>
    /// The weight (outputs, inputs) that alone gives what <see cref="Run"/> gives in evaluation mode.
    /// </summary>
    public abstract Tensor Merge(Tensor weight);
}
