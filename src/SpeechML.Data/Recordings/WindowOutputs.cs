namespace SpeechML.Data.Recordings;

/// <summary>
/// The outputs of a clip from those of its windows: the outputs whose probabilities are the windows' averaged by
/// weight. In logarithms, so that sure windows lose nothing.
/// </summary>
internal static class WindowOutputs
{
    /// <summary>The outputs of the clip.</summary>
    /// <param name="form">What outputs say.</param>
    /// <param name="windows">Outputs of each window, with its weight.</param>
    public static float[] Average(OutputForm form, IReadOnlyList<(float[] Outputs, double Weight)> windows) =>
        Array.ConvertAll(Average(form, [.. windows.Select(w => Array.ConvertAll(w.Outputs, x => (double)x))],
            [.. windows.Select(w => w.Weight)]), x => (float)x);

    /// <summary>The same in double.</summary>
    /// <param name="form">What outputs say.</param>
    /// <param name="rows">Outputs of each window.</param>
    /// <param name="weights">The windows' weights.</param>
    public static double[] Average(OutputForm form, double[][] rows, double[] weights)
    {
        double all = weights.Sum();
        double[] shares = Array.ConvertAll(weights, w => w / all);
        return form switch
        {
            OutputForm.Number => [.. rows[0].Select((_, k) => shares.Select((s, i) => s * rows[i][k]).Sum())],
            OutputForm.Softmax => Mean(shares, [.. rows.Select(LogSoftmax)]),
            OutputForm.Sigmoid => Logits(shares, rows),
            OutputForm.Conditional => Conditional(Mean(shares, [.. rows.Select(LogReached)])),
            _ => throw new InvalidOperationException($"Unknown outputs {form}."),
        };
    }

    /// <summary>Logarithms of means, from logarithms.</summary>
    private static double[] Mean(double[] shares, double[][] logarithms) =>
        [.. logarithms[0].Select((_, k) => LogSum([.. shares.Select((s, i) => Math.Log(s) + logarithms[i][k])]))];

    private static double[] Logits(double[] shares, double[][] rows)
    {
        double[] yes = Mean(shares, [.. rows.Select(r => Array.ConvertAll(r, LogSigmoid))]);
        double[] no = Mean(shares, [.. rows.Select(r => Array.ConvertAll(r, x => LogSigmoid(-x)))]);
        return [.. yes.Zip(no, (y, n) => y - n)];
    }

    /// <summary>From log P(class &gt; k) to logits of being above k given that it is above k - 1.</summary>
    private static double[] Conditional(double[] above)
    {
        double below = 0;
        return Array.ConvertAll(above, level =>
        {
            double given = level - below;
            below = level;
            return given - LogComplement(given);
        });
    }

    /// <summary>log P(class &gt; k) from conditional logits.</summary>
    private static double[] LogReached(double[] row)
    {
        double sum = 0;
        return Array.ConvertAll(row, x => sum += LogSigmoid(x));
    }

    private static double[] LogSoftmax(double[] row)
    {
        double all = LogSum(row);
        return Array.ConvertAll(row, x => x - all);
    }

    private static double LogSum(double[] values)
    {
        double greatest = values.Max();
        return greatest + Math.Log(values.Sum(v => Math.Exp(v - greatest)));
    }

    private static double LogSigmoid(double x) => Math.Min(x, 0) - Math.Log(1 + Math.Exp(-Math.Abs(x)));

    /// <summary>log(1 - exp(x)) for x below 0; near 0 by the first two terms of the series.</summary>
    private static double LogComplement(double x)
    {
        double near = Math.Min(x, -1e-300);
        return near > -1e-5 ? Math.Log(-near * (1 + (near / 2))) : Math.Log(1 - Math.Exp(near));
    }
}
