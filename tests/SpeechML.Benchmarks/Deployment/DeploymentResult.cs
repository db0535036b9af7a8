namespace SpeechML.Benchmarks.Deployment;

/// <summary>What a published program takes.</summary>
/// <param name="Runtime">What scores.</param>
/// <param name="IsSelfContained">Whether .NET is in the folder.</param>
/// <param name="Megabytes">Size of the folder, without the model.</param>
/// <param name="First">Median seconds from the start of the process to the first prediction.</param>
/// <param name="FirstLowest">The least.</param>
/// <param name="FirstHighest">The most.</param>
/// <param name="All">Median seconds to the end of the process.</param>
/// <param name="PeakMegabytes">Median of the most memory that was resident at once.</param>
/// <param name="Runs">Starts that were timed.</param>
/// <param name="Clips">Clips that were scored.</param>
internal sealed record DeploymentResult(
    string Runtime, bool IsSelfContained, double Megabytes, double First, double FirstLowest, double FirstHighest,
    double All, double PeakMegabytes, int Runs, int Clips);
