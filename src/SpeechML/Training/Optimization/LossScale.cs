using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Training.Optimization;

/// <summary>What the scale of the loss was when a run was saved.</summary>
/// <param name="Scale">The scale.</param>
/// <param name="Steps">Steps since it was last changed.</param>
internal sealed record LossScaleState(double Scale, int Steps);

/// <summary>
/// Scaling of the loss in float16, whose smallest numbers gradients fall below (Micikevicius et al. 2018, Mixed
/// Precision Training): the loss is multiplied, the gradients are divided, a step whose gradient is no finite number
/// is left out. Numbers as in <c>torch.amp.GradScaler</c>.
/// </summary>
internal sealed class LossScale
{
    private const double Initial = 65536;
    private const double Factor = 2;
    private const int StepsToGrow = 2000;

    /// <summary>The scale now.</summary>
    public double Value => State.Scale;

    public LossScaleState State { get; set; } = new(Initial, 0);

    /// <summary>The loss that the backward pass begins with.</summary>
    public static Tensor Apply(Tensor loss, double scale) => scale == 1 ? loss : loss.mul(Scalars.Of(scale));

    /// <summary>Takes the norm of a step's gradient.</summary>
    /// <returns>Whether the step is taken, rather than left out.</returns>
    public bool Update(double norm)
    {
        if (!double.IsFinite(norm))
        {
            State = new LossScaleState(State.Scale / Factor, 0);
            return false;
        }
        State = State.Steps + 1 < StepsToGrow ? State with { Steps = State.Steps + 1 }
            : new LossScaleState(State.Scale * Factor, 0);
        return true;
    }

    /// <summary>
    /// Whether a step without a finite gradient is the scale's doing, so that a smaller one may do better.
    /// </summary>
    public bool MayRecover => State.Scale >= 1;
}
