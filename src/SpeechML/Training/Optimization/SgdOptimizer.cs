using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training.Optimization;

/// <summary>
/// Stochastic gradient descent with momentum, dampening and Nesterov's rule, the arithmetic of <c>torch.optim.SGD</c>.
/// </summary>
/// <param name="groups">The parameters.</param>
internal sealed class SgdOptimizer(IReadOnlyList<OptimizerGroup> groups) : ParameterOptimizer(groups)
{
    protected override void Update(OptimizerGroup group, string name, Tensor parameter, Tensor gradient)
    {
        if (group.WeightDecay != 0)
        {
            gradient = gradient.add(parameter, alpha: Scalars.Of(group.WeightDecay));
        }
        if (group.Momentum != 0)
        {
            // the velocity starts as the first gradient, without dampening
            bool first = !HasState(name, "momentum_buffer");
            Tensor velocity = StateOf(name, "momentum_buffer", gradient.clone);
            if (!first)
            {
                velocity.mul_(Scalars.Of(group.Momentum)).add_(gradient, alpha: Scalars.Of(1 - group.Dampening));
            }
            gradient = group.Nesterov ? gradient.add(velocity, alpha: Scalars.Of(group.Momentum)) : velocity;
        }
        using Scalar rate = (-group.LearningRate).ToScalar();
        parameter.add_(gradient, alpha: rate);
    }
}
