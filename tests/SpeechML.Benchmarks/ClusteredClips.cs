using SpeechML.Audio.Common;

namespace SpeechML.Benchmarks;

/// <summary>
/// Made-up scored clips of subjects who differ: a subject's clips share the label and most of the score's error.
/// </summary>
internal sealed record ClusteredClips(string[] Subjects, double[][] Labels, double[][] Scores)
{
    public static ClusteredClips Draw(SeededRandom random, int subjects, int clipsPerSubject, int labels)
    {
        int clips = subjects * clipsPerSubject;
        var drawn = new ClusteredClips(new string[clips], new double[clips][], new double[clips][]);
        for (int s = 0; s < subjects; s++)
        {
            string name = $"s{s}";
            bool[] positive = [.. Enumerable.Range(0, labels).Select(_ => random.NextDouble() < 0.4)];
            double[] shift = [.. positive.Select(p => (p ? 0.5 : -0.5) + Normal(random))];
            for (int c = 0; c < clipsPerSubject; c++)
            {
                int row = (s * clipsPerSubject) + c;
                drawn.Subjects[row] = name;
                drawn.Labels[row] = Array.ConvertAll(positive, p => p ? 1.0 : 0.0);
                drawn.Scores[row] = Array.ConvertAll(shift, v => 1 / (1 + Math.Exp(-(v + (0.5 * Normal(random))))));
            }
        }
        return drawn;
    }

    // Box-Muller
    private static double Normal(SeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
