namespace SpeechML.Explaining;

/// <summary>The scores at a point of the path from silence to the clip, and how they change there.</summary>
/// <param name="Scores">Of each target.</param>
/// <param name="Slopes">
/// Of each target the change along the path, divided among the parts of the clip: the sums of gradient times
/// difference.
/// </param>
internal sealed record PathPoint(double[] Scores, double[][] Slopes);
