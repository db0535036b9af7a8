using SpeechML.Data.Recordings;

namespace SpeechML;

/// <summary>
/// A loss of classes 0 … K - 1 that have an order, and what the outputs that it trained say about them: one is of no
/// use without the other. <see cref="OrdinalLoss.Register"/> gives a class of this kind a name. Its targets are class
/// numbers (batch).
/// </summary>
public abstract class OrdinalObjective : Loss
{
    /// <summary>
    /// Whether the outputs share the weights of one and differ in their bias only, as CORAL's.
    /// <see langword="false"/> unless overridden.
    /// </summary>
    public virtual bool SharesWeights => false;

    /// <summary>
    /// What the outputs say, by which those of windows are averaged; <see langword="null"/> unless overridden.
    /// </summary>
    internal virtual OutputForm? Form => null;

    /// <summary>Outputs of the head. One less than there are classes unless overridden.</summary>
    /// <param name="classes">K.</param>
    public virtual int Outputs(int classes) => classes - 1;

    /// <summary>P(class &gt; k) for k = 0 … K - 2. The class is how many of them exceed one half.</summary>
    /// <param name="outputs">What the head gives for a clip.</param>
    public abstract double[] Above(double[] outputs);

    /// <summary>1 / (1 + exp(-x)).</summary>
    /// <param name="x">A logit.</param>
    protected static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
