using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>The function between two linear maps that a configuration names (<c>hidden_act</c>).</summary>
internal abstract class Activation
{
    /// <summary>The exact (erf) GELU.</summary>
    public static Activation Gelu { get; } = new GeluActivation();

    /// <summary>x · sigmoid(x), also called swish.</summary>
    public static Activation Silu { get; } = new SiluActivation();

    /// <summary>The activation that a field names.</summary>
    /// <param name="reader">The configuration.</param>
    /// <param name="field">The field.</param>
    /// <param name="absent">Its name where the field is absent.</param>
    /// <exception cref="CheckpointException">It names none that is built.</exception>
    public static Activation Parse(JsonFieldReader reader, string field, string absent) =>
        reader.Text(field, absent) switch
        {
            "gelu" => Gelu,
            "swish" or "silu" => Silu,
            string other => throw reader.Wrong(field, "'gelu', 'silu' or 'swish' (the only ones supported)",
                $"'{other}'"),
        };

    /// <summary>
    /// The function of a fresh result that nobody else reads: it is overwritten where no gradient passes.
    /// </summary>
    public abstract Tensor Apply(Tensor owned);

    /// <summary>The function of a map's result.</summary>
    public virtual Tensor After(Projection map, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Apply(map.forward(input)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The function of a map's result, with dropout, and another map of it: two maps of a layer, between which the
    /// second one keeps nothing that can be made again.
    /// </summary>
    public virtual Tensor Between(Projection up, Projection down, Tensor input, double dropout, bool training)
    {
        using DisposeScope scope = NewDisposeScope();
        return down.forward(TensorMath.Dropout(After(up, input), dropout, training)).MoveToOuterDisposeScope();
    }

    private sealed class GeluActivation : Activation
    {
        public override Tensor Between(Projection up, Projection down, Tensor input, double dropout, bool training)
        {
            if (!up.NeedsGraph(input) || !down.CanRemake)
            {
                return base.Between(up, down, input, dropout, training);
            }
            using DisposeScope scope = NewDisposeScope();
            Tensor source = up.forward(input);
            (Tensor inner, ulong? key) = TensorMath.Dropped(source.gelu(), dropout, training);
            // Another dropout than ours cannot be made again.
            Remade? from = key is null && training && dropout > 0 ? null
                : new Remade(source, Gelu: true, key, dropout);
            return down.Forward(inner, from).MoveToOuterDisposeScope();
        }

        public override Tensor Apply(Tensor owned) => TensorMath.Gelu(owned);

        public override Tensor After(Projection map, Tensor input) => map.ForwardGelu(input);
    }

    private sealed class SiluActivation : Activation
    {
        public override Tensor Apply(Tensor owned) => owned.requires_grad ? owned.silu() : owned.silu_();
    }
}
