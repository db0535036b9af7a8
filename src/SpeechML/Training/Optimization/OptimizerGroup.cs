using TorchSharp.Modules;

namespace SpeechML.Training.Optimization;

/// <summary>Parameters that share settings. Rates may be changed between steps.</summary>
/// <param name="name">For messages and logs: <c>encoder</c>, <c>head</c>.</param>
/// <param name="parameters">By name; names are unique over all groups of an optimizer, its state is saved under
/// them.</param>
internal sealed class OptimizerGroup(string name, IReadOnlyList<(string Name, Parameter Parameter)> parameters)
{
    public string Name { get; } = name;

    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; } = parameters;

    /// <summary>The rate of the next step.</summary>
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>
    /// AdamW: the weights are multiplied by 1 - rate × this. Adam and SGD: this × weights is added to the gradient.
    /// </summary>
    public double WeightDecay { get; set; }

    /// <summary>Adam: decay of the gradient's mean.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Adam: decay of the squared gradient's mean.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>Adam: added to the root of the squared gradient's mean.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>Adam: divide by the largest mean so far (Reddi et al. 2018).</summary>
    public bool AmsGrad { get; set; }

    /// <summary>SGD: decay of the velocity.</summary>
    public double Momentum { get; set; }

    /// <summary>SGD: share of the gradient that does not enter the velocity after the first step.</summary>
    public double Dampening { get; set; }

    /// <summary>SGD: look ahead by Nesterov's rule.</summary>
    public bool Nesterov { get; set; }
}
