using System.Globalization;
using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What decides how much a wall of <see cref="RoomSimulator"/> absorbs.</summary>
public enum RoomCalculationMode
{
    /// <summary>A random share of the energy.</summary>
    Absorption,

    /// <summary>A random reverberation time, by Sabine's formula.</summary>
    Rt60,
}

/// <summary>
/// Rooms of <see cref="RoomSimulator"/>. Lengths in metres; x is the width, y the depth, z the height. Each value is
/// drawn uniformly.
/// </summary>
public sealed record RoomSimulatorOptions
{
    /// <summary>Smallest width (m). The default is 3.6.</summary>
    [InRange("0.1 to 100 m", Min = 0.1, Max = 100)]
    public double MinSizeX { get; init; } = 3.6;

    /// <summary>Largest width (m). The default is 5.6.</summary>
    [InRange("0.1 to 100 m", Min = 0.1, Max = 100)]
    public double MaxSizeX { get; init; } = 5.6;

    /// <summary>Smallest depth (m). The default is 3.6.</summary>
    [InRange("0.1 to 100 m", Min = 0.1, Max = 100)]
    public double MinSizeY { get; init; } = 3.6;

    /// <summary>Largest depth (m). The default is 3.9.</summary>
    [InRange("0.1 to 100 m", Min = 0.1, Max = 100)]
    public double MaxSizeY { get; init; } = 3.9;

    /// <summary>Smallest height (m). The default is 2.4.</summary>
    [InRange("0.1 to 100 m", Min = 0.1, Max = 100)]
    public double MinSizeZ { get; init; } = 2.4;

    /// <summary>Largest height (m). The default is 3.</summary>
    [InRange("0.1 to 100 m", Min = 0.1, Max = 100)]
    public double MaxSizeZ { get; init; } = 3;

    /// <summary>
    /// Smallest share of the energy that a wall absorbs: 0 reflects all. An office has about 0.15, a studio above 0.4.
    /// The default is 0.075.
    /// </summary>
    [ActiveWhen(nameof(CalculationMode), RoomCalculationMode.Absorption)]
    [InRange("a share from 0 to 1", Min = 0, Max = 1)]
    public double MinAbsorptionValue { get; init; } = 0.075;

    /// <summary>Largest share of the energy that a wall absorbs. The default is 0.4.</summary>
    [ActiveWhen(nameof(CalculationMode), RoomCalculationMode.Absorption)]
    [InRange("a share from 0 to 1", Min = 0, Max = 1)]
    public double MaxAbsorptionValue { get; init; } = 0.4;

    /// <summary>Shortest reverberation time (s until the level has fallen by 60 dB). The default is 0.15.</summary>
    [ActiveWhen(nameof(CalculationMode), RoomCalculationMode.Rt60)]
    [InRange("0.01 to 60 s", Min = 0.01, Max = 60)]
    public double MinTargetRt60 { get; init; } = 0.15;

    /// <summary>Longest reverberation time (s). The default is 0.8.</summary>
    [ActiveWhen(nameof(CalculationMode), RoomCalculationMode.Rt60)]
    [InRange("0.01 to 60 s", Min = 0.01, Max = 60)]
    public double MaxTargetRt60 { get; init; } = 0.8;

    /// <summary>Smallest x of the source (m). The default is 0.1.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double MinSourceX { get; init; } = 0.1;

    /// <summary>Largest x of the source (m). The default is 3.5.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double MaxSourceX { get; init; } = 3.5;

    /// <summary>Smallest y of the source (m). The default is 0.1.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double MinSourceY { get; init; } = 0.1;

    /// <summary>Largest y of the source (m). The default is 2.7.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double MaxSourceY { get; init; } = 2.7;

    /// <summary>Smallest z of the source (m). The default is 1.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double MinSourceZ { get; init; } = 1;

    /// <summary>Largest z of the source (m). The default is 2.1.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double MaxSourceZ { get; init; } = 2.1;

    /// <summary>Smallest distance from source to microphone (m). The default is 0.15.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double MinMicDistance { get; init; } = 0.15;

    /// <summary>Largest distance from source to microphone (m); walls may shorten it. The default is 0.35.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double MaxMicDistance { get; init; } = 0.35;

    /// <summary>Smallest azimuth of the microphone as seen from the source (rad). The default is -π.</summary>
    [InRange("-2π to 2π rad", Min = -2 * Math.PI, Max = 2 * Math.PI)]
    public double MinMicAzimuth { get; init; } = -Math.PI;

    /// <summary>Largest azimuth (rad). The default is π.</summary>
    [InRange("-2π to 2π rad", Min = -2 * Math.PI, Max = 2 * Math.PI)]
    public double MaxMicAzimuth { get; init; } = Math.PI;

    /// <summary>Smallest elevation of the microphone as seen from the source (rad). The default is -π.</summary>
    [InRange("-2π to 2π rad", Min = -2 * Math.PI, Max = 2 * Math.PI)]
    public double MinMicElevation { get; init; } = -Math.PI;

    /// <summary>Largest elevation (rad). The default is π.</summary>
    [InRange("-2π to 2π rad", Min = -2 * Math.PI, Max = 2 * Math.PI)]
    public double MaxMicElevation { get; init; } = Math.PI;

    /// <summary>What decides the absorption. The default is <see cref="RoomCalculationMode.Absorption"/>.</summary>
    public RoomCalculationMode CalculationMode { get; init; }

    /// <summary>
    /// Most reflections on one way. The default is 12. (audiomentations has 1, and adds the tail by ray tracing.)
    /// </summary>
    [InRange("0 to 60", Min = 0, Max = 60)]
    public int MaxOrder { get; init; } = 12;

    /// <summary>
    /// Whether the tail is cut off, so that the length stays. The default is <see langword="false"/>.
    /// </summary>
    public bool LeaveLengthUnchanged { get; init; }

    /// <summary>Smallest distance of source and microphone from the walls (m). The default is 0.1.</summary>
    [InRange("0 to 100 m", Min = 0, Max = 100)]
    public double Padding { get; init; } = 0.1;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        const string Effect = nameof(RoomSimulator);
        OptionModel.Of(typeof(RoomSimulatorOptions)).Validate(this, Effect + ".");
        Interval.Create(Effect, MinAbsorptionValue, MaxAbsorptionValue, 0, 1);
        Interval.Create(Effect, MinTargetRt60, MaxTargetRt60, 0.01, 60, " s");
        Interval.Create(Effect, MinMicDistance, MaxMicDistance, 0, 100, " m");
        Interval.Create(Effect, MinMicAzimuth, MaxMicAzimuth, -2 * Math.PI, 2 * Math.PI, " rad");
        Interval.Create(Effect, MinMicElevation, MaxMicElevation, -2 * Math.PI, 2 * Math.PI, " rad");
        Side("X", MinSizeX, MaxSizeX, MinSourceX, MaxSourceX);
        Side("Y", MinSizeY, MaxSizeY, MinSourceY, MaxSourceY);
        Side("Z", MinSizeZ, MaxSizeZ, MinSourceZ, MaxSourceZ);
        if (CalculationMode == RoomCalculationMode.Rt60)
        {
            // Volume per surface grows with every side: the largest room needs the most absorption.
            double absorption = ShoeboxRoom.SabineAbsorption(MaxSizeX, MaxSizeY, MaxSizeZ, MinTargetRt60);
            EffectChecks.Check(absorption <= 1, Effect,
                string.Create(CultureInfo.InvariantCulture,
                $"MinTargetRt60 of at least {MinTargetRt60 * absorption:0.####} s for the largest room, where all is " +
                $"absorbed"),
                FormattableString.Invariant($"{MinTargetRt60}"));
        }
    }

    private void Side(string axis, double minSize, double maxSize, double minSource, double maxSource)
    {
        Interval.Create(nameof(RoomSimulator), minSize, maxSize, 0.1, 100, " m", $"MinSize{axis}", $"MaxSize{axis}");
        Interval.Create(nameof(RoomSimulator), minSource, maxSource, 0, 100, " m", $"MinSource{axis}",
            $"MaxSource{axis}");
        double room = minSize - Padding;
        EffectChecks.Check(Math.Max(minSource, Padding) <= room && maxSource >= Padding, nameof(RoomSimulator),
            FormattableString.Invariant(
            $"a place for the source in the smallest room, from {Padding} to {room} m on axis {axis}"),
            FormattableString.Invariant($"{minSource} to {maxSource}"));
    }
}
