using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Augmentation;

/// <summary>Parameters that cannot be are errors when the effect is created; JSON with Python's names.</summary>
[TestClass]
public sealed class EffectParameterTests
{
    public static IEnumerable<(Func<AudioAugmentation> Create, string Message)> Impossible =>
    [
        (() => new Gain(6, -6), "Gain: expected minGainDb up to maxGainDb, both within -200 to 200 dB, got 6 and -6."),
        (() => new Gain(double.NaN, 1),
        "Gain: expected minGainDb up to maxGainDb, both within -200 to 200 dB, got NaN and 1."),
        (() => new Gain(maxGainDb: 1e9),
        "Gain: expected minGainDb up to maxGainDb, both within -200 to 200 dB, got -12 and 1000000000."),
        (() => new Gain(p: 1.5), "Gain: expected p of 0 to 1, got 1.5."),
        (() => new Reverse(double.NaN), "Reverse: expected p of 0 to 1, got NaN."),
        (() => new GainTransition(minDuration: 0),
        "GainTransition: expected minDuration up to maxDuration, both within 1E-09 to 1000000000, got 0 and 6."),
        (() => new GainTransition(durationUnit: (AudioUnit)9),
        "GainTransition: expected durationUnit to be one of Fraction, Samples, Seconds, got 9."),
        (() => new Shift(-2, 0),
        "Shift: expected minShift up to maxShift, both within -1 to 1 of the length, got -2 and 0."),
        (() => new Shift(fadeDuration: 0.0001), "Shift: expected fadeDuration of 0 or 0.00025 to 10 s, got 0.0001."),
        (() => new RepeatPart(minRepeats: 0),
        "RepeatPart: expected minRepeats up to maxRepeats, both within 1 to 1000, got 0 and 3."),
        (() => new RepeatPart(minPartDuration: 0.01, crossfadeDuration: 0.008),
        "RepeatPart: expected crossfadeDuration up to half of minPartDuration, 0.005 s, got 0.008."),
        (() => new TimeMask(maxBandPart: 1.01),
        "TimeMask: expected minBandPart up to maxBandPart, both within 0 to 1 of the length, got 0.01 and 1.01."),
        (() => new TimeStretch(0.05, 1),
        "TimeStretch: expected minRate up to maxRate, both within 0.1 to 10, got 0.05 and 1."),
        (() => new PitchShift(-25),
        "PitchShift: expected minSemitones up to maxSemitones, both within -24 to 24 semitones, got -25 and 4."),
        (() => new SpeedPerturbation([]), "SpeedPerturbation: expected at least one factor, got none."),
        (() => new SpeedPerturbation([1, 0]), "SpeedPerturbation: expected factor of 0.1 to 10, got 0."),
        (() => new TanhDistortion(-0.1),
        "TanhDistortion: expected minDistortion up to maxDistortion, both within 0 to 1, got -0.1 and 0.7."),
        (() => new ClippingDistortion(50, 101),
        "ClippingDistortion: expected minPercentileThreshold up to maxPercentileThreshold, both within 0 to 100 %, " +
        "got 50 and 101."),
        (() => new BitCrush(0),
        "BitCrush: expected minBitDepth up to maxBitDepth, both within 1 to 32 bits, got 0 and 10."),
        (() => new Aliasing(1),
        "Aliasing: expected minSampleRate up to maxSampleRate, both within 2 to 10000000 Hz, got 1 and 30000."),
        (() => new Mp3Compression(57, 63),
        "Mp3Compression: expected minBitrate up to maxBitrate around at least one of 8, 16, 24, 32, 40, 48, 56, 64, " +
        "80, 96, 112, 128, 144, 160, 192, 224, 256, 320 kbit/s, got 57 and 63."),
        (() => new MuLawCompression(1), "MuLawCompression: expected levels of 2 to 65536, got 1."),
        (() => new TelephoneBand(0), "TelephoneBand: expected rate of 100 to 1000000 Hz, got 0."),
        (() => new LowPassFilter(0),
        "LowPassFilter: expected minCutoffFreq up to maxCutoffFreq, both within 1 to 1000000 Hz, got 0 and 7500."),
        (() => new HighPassFilter(minRolloff: 7),
        "HighPassFilter: expected minRolloff up to maxRolloff, multiples of 6 within 6 to 96 dB per octave, got 7 " +
        "and 24."),
        (() => new BandStopFilter(minRolloff: 6, zeroPhase: true),
        "BandStopFilter: expected minRolloff up to maxRolloff, multiples of 12 within 12 to 96 dB per octave, got 6 " +
        "and 24."),
        (() => new BandPassFilter(maxBandwidthFraction: 2),
        "BandPassFilter: expected minBandwidthFraction up to maxBandwidthFraction, both within 0.001 to 1.999 of the " +
        "centre, got 0.5 and 2."),
        (() => new PreEmphasis(maxCoefficient: 2),
        "PreEmphasis: expected minCoefficient up to maxCoefficient, both within 0 to 1, got 0.9 and 2."),
        (() => new Compressor(minRatio: 0.5),
        "Compressor: expected minRatio up to maxRatio, both within 1 to 1000, got 0.5 and 6."),
        (() => new Compressor(attack: 0), "Compressor: expected attack of 1E-05 to 10 s, got 0."),
        (() => new AddGaussianNoise(0, 1),
        "AddGaussianNoise: expected minAmplitude up to maxAmplitude, both within 1E-12 to 1000000, got 0 and 1."),
        (() => new AddGaussianSnr(50),
        "AddGaussianSnr: expected minSnrDb up to maxSnrDb, both within -200 to 200 dB, got 50 and 40."),
        (() => new AddBackgroundNoise("/no/such/folder"),
        "AddBackgroundNoise: expected the path of a folder or an audio file, got '/no/such/folder', which does not " +
        "exist."),
        (() => new AddBackgroundNoise(EffectCases.Sounds, maxAbsoluteRmsDb: 1),
        "AddBackgroundNoise: expected minAbsoluteRmsDb up to maxAbsoluteRmsDb, both within -200 to 0 dB, got -45 and " +
        "1."),
        (() => new RoomSimulator(new RoomSimulatorOptions { MinSizeX = 9 }),
        "RoomSimulator: expected MinSizeX up to MaxSizeX, both within 0.1 to 100 m, got 9 and 5.6."),
        (() => new RoomSimulator(new RoomSimulatorOptions { MinSourceZ = 2.35, MaxSourceZ = 2.4 }),
        "RoomSimulator: expected a place for the source in the smallest room, from 0.1 to 2.3 m on axis Z, got 2.35 " +
        "to 2.4."),
        (() => new RoomSimulator(new RoomSimulatorOptions { MaxOrder = 61 }),
        "Option RoomSimulator.MaxOrder: expected 0 to 60, got '61'."),
        (() => new RoomSimulator(
        new RoomSimulatorOptions { CalculationMode = RoomCalculationMode.Rt60, MinTargetRt60 = 0.05 }),
            "RoomSimulator: expected MinTargetRt60 of at least 0.1048 s for the largest room, where all is absorbed, " +
            "got 0.05."),
        (() => new Compose([]), "Compose: expected at least one transform, got none."),
        (() => new Compose([new Gain(), null!]), "Compose: expected transforms, got null at position 1."),
        (() => new OneOf([new Gain()], weights: [1, 2]), "OneOf: expected as many weights as transforms, 1, got 2."),
        (() => new OneOf([new Gain()], weights: [0]),
        "OneOf: expected weights of at least 0, one of them above 0, got 0."),
        (() => new SomeOf(2, [new Gain()]),
        "SomeOf: expected minTransforms up to maxTransforms, both within 0 to 1 transforms, got 2 and 2."),
    ];

    public static IEnumerable<object[]> Rows => Enumerable.Range(0, Impossible.Count()).Select(i => new object[] { i });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void Constructor_ImpossibleParameter_SaysWhatWasExpected(int row)
    {
        (Func<AudioAugmentation> create, string message) = Impossible.ElementAt(row);
        Assert.AreEqual(message, Assert.ThrowsExactly<ArgumentException>(() => create()).Message);
    }

    [TestMethod]
    public void Constructor_FolderWithoutAudio_Throws()
    {
        using var scratch = new Scratch();
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => new ApplyImpulseResponse(scratch.Folder));
        Assert.AreEqual(
            $"ApplyImpulseResponse: expected a folder with audio files (.wav, .wave, .w64, .rf64, .flac, .ogg, .oga, " +
            $".opus, .mp3, .aif, .aiff, .au, .caf), got '{scratch.Folder}' without any.", error.Message);
    }

    [TestMethod]
    public void ToJson_HasTheNamesOfAudiomentations()
    {
        AudioAugmentation pipeline =
            new Compose([new Gain(-6, 6), new Shift(shiftUnit: AudioUnit.Seconds), new AddGaussianSnr(),
            new Normalize(NormalizeTarget.OnlyTooLoudSounds), new RoomSimulator()]);
        string json = pipeline.ToJson();
        StringAssert.Contains(json, """{"type":"Gain","min_gain_db":-6,"max_gain_db":6,"p":0.5}""");
        StringAssert.Contains(json,
            """{"type":"Shift","min_shift":-0.5,"max_shift":0.5,"shift_unit":"seconds","rollover":""" +
            """true,"fade_duration":0.005,"p":0.5}""");
        StringAssert.Contains(json, """{"type":"AddGaussianSNR","min_snr_db":5,"max_snr_db":40,"p":0.5}""");
        StringAssert.Contains(json, """{"type":"Normalize","apply_to":"only_too_loud_sounds","p":0.5}""");
        StringAssert.Contains(json, "\"min_target_rt60\":0.15");
        StringAssert.Contains(json, "\"min_size_x\":3.6");
    }

    [TestMethod]
    public void FromJson_LeftOutParameters_AreTheDefaults() =>
        Assert.AreEqual(new TimeMask(maxBandPart: 0.5).ToJson(),
            AudioAugmentation.FromJson("""{"max_band_part": 0.5, "type": "TimeMask"}""").ToJson());

    [TestMethod]
    [DataRow("""{"type": "Gian"}""", "Gian")]
    [DataRow("""{"type": "Gain", "min_gain": 1}""", "min_gain")]
    [DataRow("""{"type": "Gain", "p": "often"}""", "$.p")]
    [DataRow("""{"min_gain_db": 1}""", "type")]
    [DataRow("[", "JSON")]
    [DataRow("null", "null")]
    public void FromJson_SomethingElse_SaysWhatIsWrong(string json, string named)
    {
        FormatException error = Assert.ThrowsExactly<FormatException>(() => AudioAugmentation.FromJson(json));
        StringAssert.StartsWith(error.Message, "Augmentation settings: expected a JSON object");
        StringAssert.Contains(error.Message, named);
    }

    [TestMethod]
    public void FromJson_ImpossibleParameter_IsTheConstructorsError() => Assert.AreEqual(
        "Gain: expected p of 0 to 1, got 2.",
        Assert.ThrowsExactly<ArgumentException>(
            () => AudioAugmentation.FromJson("""{"type": "Gain", "p": 2}""")).Message);

    [TestMethod]
    public void Apply_BeyondFloat_NamesTheSample() => Assert.AreEqual(
        "Gain: expected finite samples, got Infinity at sample 1; the input's largest magnitude is 1E+38.",
        Assert.ThrowsExactly<InvalidOperationException>(() => new Gain(200, 200, p: 1)
        .Apply(MLAudio.FromSamples([0, 1e38f], 16_000), seed: 1)).Message);
}
