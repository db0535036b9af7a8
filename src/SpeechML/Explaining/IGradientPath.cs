namespace SpeechML.Explaining;

/// <summary>The straight path of an encoder's input to that of a clip, with the scores on the way.</summary>
internal interface IGradientPath : IDisposable
{
    /// <summary>Seconds that the encoder is shown.</summary>
    double Seconds { get; }

    /// <summary>The scores at the path's ends.</summary>
    (double[] Baseline, double[] Clip) Ends();

    /// <summary>
    /// The scores and their gradients at points of the path: for each part of the clip, and one more for what lies
    /// behind its end.
    /// </summary>
    /// <param name="points">From 0, the baseline, to 1, the clip.</param>
    /// <param name="advance">Told after each batch.</param>
    PathPoint[] At(double[] points, Action advance);
}
