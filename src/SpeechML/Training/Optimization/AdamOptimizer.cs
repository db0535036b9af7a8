using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training.Optimization;

/// <summary>Adam (Kingma, Ba 2015) or AdamW (Loshchilov, Hutter 2019), the arithmetic of <c>torch.optim</c>.</summary>
/// <param name="groups">The parameters.</param>
/// <param name="decoupled">AdamW: decay the weights themselves instead of adding the decay to the gradient.</param>
internal sealed class AdamOptimizer(IReadOnlyList<OptimizerGroup> groups, bool decoupled = true)
    : ParameterOptimizer(groups)
{
    protected override void Update(OptimizerGroup group, string name, Tensor parameter, Tensor gradient)
    {
        long step = NextStep(name);
        Tensor mean = StateOf(name, "exp_avg", () => zeros_like(parameter));
        Tensor square = StateOf(name, "exp_avg_sq", () => zeros_like(parameter));
        double stepSize = group.LearningRate / (1 - Math.Pow(group.Beta1, step)),
            correction = Math.Sqrt(1 - Math.Pow(group.Beta2, step));
        if (!group.AmsGrad && AdamKernel.CanRun(parameter, gradient, mean, square))
        {
            AdamKernel.Run(parameter, gradient, mean, square, group, decoupled, stepSize, correction);
            return;
        }
        if (decoupled)
        {
            using Scalar kept = (1 - (group.LearningRate * group.WeightDecay)).ToScalar();
            parameter.mul_(kept);
        }
        else if (group.WeightDecay != 0)
        {
            gradient = gradient.add(parameter, alpha: Scalars.Of(group.WeightDecay));
        }
        mean.mul_(Scalars.Of(group.Beta1)).add_(gradient, alpha: Scalars.Of(1 - group.Beta1));
        square.mul_(Scalars.Of(group.Beta2)).addcmul_(gradient, gradient, value: Scalars.Of(1 - group.Beta2));
        Tensor largest = square;
        if (group.AmsGrad)
        {
            largest = StateOf(name, "max_exp_avg_sq", () => zeros_like(parameter));
            largest.copy_(maximum(largest, square));
        }
        using Scalar root = correction.ToScalar();
        using Scalar size = (-stepSize).ToScalar();
        parameter.addcdiv_(mean, (largest.sqrt() / root).add_(Scalars.Of(group.Epsilon), Scalars.Of(1)), value: size);
    }
}
