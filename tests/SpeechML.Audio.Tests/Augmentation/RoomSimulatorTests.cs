using SpeechML.Audio.Dsp;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Augmentation;

/// <summary>Impulse responses of box-shaped rooms, against geometry.</summary>
[TestClass]
public sealed class RoomSimulatorTests
{
    private const int Rate = 16_000;
    private const double SpeedOfSound = 343;

    [TestMethod]
    public void Response_WithoutReflections_IsOneArrivalAtItsDelay()
    {
        ShoeboxRoom room = Draw(new RoomSimulatorOptions { MaxOrder = 0, MinMicDistance = 1, MaxMicDistance = 1 });
        float[] response = room.Response(Rate, out int delay);
        double distance = Math.Sqrt(room.Source.Zip(room.Microphone, (a, b) => (a - b) * (a - b)).Sum());
        Assert.AreEqual(distance / SpeedOfSound * Rate, Centre(response) - delay, 0.01);
        Assert.AreEqual(1 / (4 * Math.PI * distance), response.Sum(), 0.002);
    }

    [TestMethod]
    public void Response_FirstOrder_HasTheArrivalsOfTheSixWalls()
    {
        ShoeboxRoom room = Draw(
            new RoomSimulatorOptions { MaxOrder = 1, MinAbsorptionValue = 0.19, MaxAbsorptionValue = 0.19 });
        float[] response = room.Response(Rate, out int delay);
        var expected = new List<(double Place, double Amplitude)>();
        void Add(double[] image, double reflection)
        {
            double distance = Math.Sqrt(image.Zip(room.Microphone, (a, b) => (a - b) * (a - b)).Sum());
            expected.Add((distance / SpeedOfSound * Rate, reflection / (4 * Math.PI * distance)));
        }
        Add(room.Source, 1);
        for (int axis = 0; axis < 3; axis++)
        {
            foreach (double wall in new[] { 0, room.Size[axis] })
            {
                double[] image = [.. room.Source];
                image[axis] = (2 * wall) - image[axis];
                Add(image, 0.9); // the square root of 1 - 0.19
            }
        }
        // The sum of all samples, and the centre of mass, are those of the arrivals.
        Assert.AreEqual(expected.Sum(e => e.Amplitude), response.Sum(), 0.005);
        Assert.AreEqual(expected.Sum(e => e.Place * e.Amplitude) / expected.Sum(e => e.Amplitude),
            Centre(response) - delay, 0.5);
        double last = expected.Max(e => e.Place);
        Assert.AreEqual(Math.Ceiling(last) + (2 * delay) + 1, response.Length, 0);
    }

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(0.5)]
    public void Response_OfAReverberationTime_DecaysWithIt(double rt60)
    {
        // Away from the source, whose direct sound would hide the decay, and with reflections enough to reach it.
        ShoeboxRoom room = Draw(new RoomSimulatorOptions
        {
            CalculationMode = RoomCalculationMode.Rt60,
            MinTargetRt60 = rt60,
            MaxTargetRt60 = rt60,
            MaxOrder = 60,
            MinMicDistance = 2,
            MaxMicDistance = 2,
        });
        double[] size = room.Size;
        double surface = 2 * ((size[0] * size[1]) + (size[1] * size[2]) + (size[0] * size[2]));
        // Sabine's formula with its usual constant
        Assert.AreEqual(0.161 * size[0] * size[1] * size[2] / (surface * rt60), room.Absorption, 0.002);
        double[] energy = [.. room.Response(Rate, out _).Select(r => (double)r * r)];
        // Schroeder's backward integration; the slope from -5 to -25 dB. The formula is for diffuse sound: waves
        // between
        // the two farthest walls of a bare box live longer.
        double[] left = new double[energy.Length];
        double sum = 0;
        for (int i = energy.Length - 1; i >= 0; i--)
        {
            left[i] = sum += energy[i];
        }
        int At(double decibels) => Array.FindIndex(left, l => l < left[0] * Math.Pow(10, decibels / 10));
        double measured = (At(-25) - At(-5)) * 3.0 / Rate;
        Assert.IsTrue(measured > 0.7 * rt60 && measured < 1.5 * rt60, $"{measured} s");
    }

    [TestMethod]
    public void Draw_KeepsSourceAndMicrophoneInTheRoom()
    {
        var options = new RoomSimulatorOptions { MaxMicDistance = 10, Padding = 0.2 };
        for (int clip = 0; clip < 300; clip++)
        {
            ShoeboxRoom room = ShoeboxRoom.Draw(options, AugmentationRandom.Create(1, 0, clip));
            for (int axis = 0; axis < 3; axis++)
            {
                Assert.IsTrue(room.Source[axis] >= 0.2 && room.Source[axis] <= room.Size[axis] - 0.2);
                Assert.IsTrue(room.Microphone[axis] >= 0.2 && room.Microphone[axis] <= room.Size[axis] - 0.2);
            }
        }
    }

    [TestMethod]
    public void Apply_LengthUnchanged_IsTheBeginningOfTheWhole()
    {
        MLAudio audio = EffectCases.Sound(4000);
        float[] whole = new RoomSimulator(p: 1).Apply(audio, seed: 1).Samples.ToArray();
        float[] cut = new RoomSimulator(new RoomSimulatorOptions { LeaveLengthUnchanged = true }, p: 1)
            .Apply(audio, seed: 1).Samples.ToArray();
        Assert.HasCount(4000, cut);
        CollectionAssert.AreEqual(cut, whole[..4000]);
        Assert.AreEqual(1, SampleMath.Rms(cut) / SampleMath.Rms(audio.Samples.Span), 0.5);
    }

    private static ShoeboxRoom Draw(RoomSimulatorOptions options)
    {
        options.Validate();
        return ShoeboxRoom.Draw(options, AugmentationRandom.Create(3, 0, 0));
    }

    private static double Centre(float[] response) => response.Select((r, i) => (double)r * i).Sum() / response.Sum();
}
