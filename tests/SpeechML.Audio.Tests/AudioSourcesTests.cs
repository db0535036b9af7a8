using System.Buffers.Binary;
using NAudio.Wave;
using NAudio.Wave.SampleProviders;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>Audio from streams, bytes and NAudio's providers, and back.</summary>
[TestClass]
public sealed class AudioSourcesTests
{
    private static readonly short[] s_samples =
        [.. Enumerable.Range(0, 20_000).Select(i => (short)((i * 7919 % 65_536) - 32_768))];

    private static readonly byte[] s_stereo = WavBytes.Pcm16(s_samples, 2, 16_000);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task FromStream_AnyKindOfStream_IsTheFile()
    {
        using var scratch = new Scratch();
        await File.WriteAllBytesAsync(scratch.At("a.wav"), s_stereo, TestContext.CancellationToken);
        float[] expected = MLAudio.FromFile(scratch.At("a.wav")).Samples.ToArray();
        using var memory = new MemoryStream(s_stereo);
        memory.Position = memory.Length; // as it is after it was written
        using var forward = new Forward(s_stereo);
        using var asynchronous = new Forward(s_stereo);
        MLAudio[] all =
        [
            MLAudio.FromStream(memory), MLAudio.FromStream(forward, "upload"), MLAudio.FromBytes(s_stereo),
            MLAudio.FromBytes(s_stereo.AsMemory().Span, "x"), await MLAudio.FromStreamAsync(
                asynchronous, cancellation: TestContext.CancellationToken),
        ];
        foreach (MLAudio audio in all)
        {
            Assert.AreEqual(16_000, audio.SampleRate);
            CollectionAssert.AreEqual(expected, audio.Samples.ToArray());
        }
        CollectionAssert.AreEqual(new[] { "stream", "upload", "bytes", "x", "stream" },
            all.Select(a => a.Source).ToArray());
        Assert.IsTrue(memory.CanRead && forward.CanRead && asynchronous.CanRead, "Streams are left open.");
    }

    [TestMethod]
    public void FromStream_Errors_NameTheStream()
    {
        Assert.AreEqual("'upload': expected audio, got an empty file.",
            Refused(() => MLAudio.FromStream(Stream.Null, "upload")).Message);
        Assert.AreEqual("'bytes': expected audio, got an empty file.",
            Refused(() => MLAudio.FromBytes([])).Message);
        using var broken = new Forward(s_stereo) { Fails = true };
        Assert.AreEqual("'upload': expected a readable stream, got: no more",
            Refused(() => MLAudio.FromStream(broken, "upload")).Message);
    }

    [TestMethod]
    public void FromStream_LoadingOptions_RefuseWhatLoadAudioRefuses()
    {
        byte[] cut = s_stereo[..^1000], silent = WavBytes.Pcm16(new short[8000], 1, 8000);
        Assert.AreEqual(9750, MLAudio.FromBytes(cut).Length);
        var options = new AudioLoadingOptions();
        Assert.AreEqual(AudioErrorKind.Truncated, Refused(() => MLAudio.FromBytes(cut, "a", options)).Kind);
        Assert.AreEqual(AudioErrorKind.Silent, Refused(() => MLAudio.FromBytes(silent, "a", options)).Kind);
        Assert.AreEqual(s_samples[3] / 32768f,
            MLAudio.FromBytes(s_stereo, "a", new AudioLoadingOptions { Channel = 1 }).Samples.Span[1]);
    }

    [TestMethod]
    public void FromStream_MoreThanTheLimits_IsRefusedEarly()
    {
        var bytes = new AudioLimits { MaxBytes = 40_045 };
        Assert.AreEqual("'bytes': expected at most 40045 bytes, got more. Set AudioLimits.MaxBytes to take larger " +
            "recordings.", Refused(() => MLAudio.FromBytes(s_stereo, limits: bytes)).Message);
        using var endless = new Forward(s_stereo) { IsEndless = true };
        Assert.AreEqual(AudioErrorKind.TooLong,
            Refused(() => MLAudio.FromStream(endless, limits: bytes)).Kind);
        Assert.IsLessThan(200_000, endless.Delivered);

        var half = new AudioLimits { MaxDuration = TimeSpan.FromSeconds(0.5) };
        AudioException error = Refused(() => MLAudio.FromBytes(s_stereo, limits: half));
        Assert.AreEqual(AudioErrorKind.TooLong, error.Kind);
        Assert.AreEqual("'bytes': expected at most 0.5 s of audio, got more. Set AudioLimits.MaxDuration to take " +
            "longer recordings.", error.Message);
        var all = new AudioLimits { MaxDuration = TimeSpan.FromSeconds(0.625), MaxBytes = s_stereo.Length };
        Assert.AreEqual(10_000, MLAudio.FromBytes(s_stereo, limits: all).Length);
    }

    /// <summary>A header that says a rate of 2 GHz makes no room for two billion samples a second.</summary>
    [TestMethod]
    public void FromStream_AbsurdRate_IsLimitedAsIfItWere192Kilohertz()
    {
        byte[] bytes = [.. s_stereo];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), int.MaxValue);
        var limits = new AudioLimits { MaxDuration = TimeSpan.FromMilliseconds(10) };
        Assert.AreEqual(AudioErrorKind.TooLong, Refused(() => MLAudio.FromBytes(bytes, limits: limits)).Kind);
    }

    /// <summary>A few kilobytes of FLAC that hold minutes of silence, whose header does not say how long they are.
    /// </summary>
    [TestMethod]
    public void FromStream_LengthThatOnlyDecodingTells_IsLimited()
    {
        byte[] flac = Recordings.RecordingFiles.Bytes("flac_pipe.flac"); // 1 s at 8 kHz
        var limits = new AudioLimits { MaxDuration = TimeSpan.FromSeconds(0.9) };
        Assert.AreEqual(AudioErrorKind.TooLong, Refused(() => MLAudio.FromBytes(flac, limits: limits)).Kind);
        limits = new AudioLimits { MaxDuration = TimeSpan.FromSeconds(1) };
        Assert.AreEqual(8000, MLAudio.FromBytes(flac, limits: limits).Length);
    }

    [TestMethod]
    public void FromStream_BadLimits_SaySo()
    {
        foreach (AudioLimits limits in (AudioLimits[])[new() { MaxBytes = 0 }, new() { MaxDuration = TimeSpan.Zero }])
        {
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentException>(() => MLAudio.FromBytes(s_stereo, limits: limits)).Message,
                "AudioLimits: expected MaxBytes and MaxDuration above 0, got ");
        }
    }

    [TestMethod]
    public async Task FromStream_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        using var endless = new Forward(s_stereo) { IsEndless = true };
        source.CancelAfter(20);
        Assert.ThrowsExactly<OperationCanceledException>(() => MLAudio.FromStream(
            endless, limits: new AudioLimits { MaxBytes = long.MaxValue }, cancellation: source.Token));
        await Assert.ThrowsAsync<OperationCanceledException>(() => MLAudio.FromStreamAsync(
            endless, cancellation: source.Token));
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            MLAudio.FromBytes(s_stereo, cancellation: source.Token));
    }

    [TestMethod]
    public void FromSampleProvider_RoundTrip_IsTheSame()
    {
        MLAudio audio = MLAudio.FromBytes(s_stereo);
        MLAudio back = MLAudio.FromSampleProvider(audio.ToSampleProvider());
        Assert.AreEqual(16_000, back.SampleRate);
        CollectionAssert.AreEqual(audio.Samples.ToArray(), back.Samples.ToArray());
        CollectionAssert.AreEqual(audio.Samples.ToArray(),
            MLAudio.FromSampleProvider(audio.ToSampleProvider()).Samples.ToArray(), "Each provider begins anew.");
    }

    /// <summary>Every format that NAudio can provide is read as a WAV file of it is.</summary>
    [TestMethod]
    [DataRow(1, 8, 1)]
    [DataRow(1, 16, 2)]
    [DataRow(1, 24, 3)]
    [DataRow(1, 32, 1)]
    [DataRow(3, 32, 2)]
    [DataRow(3, 64, 1)]
    [DataRow(6, 8, 1)]
    [DataRow(7, 8, 2)]
    public void FromSampleProvider_Bytes_AreReadAsAWavFile(int tag, int bits, int channels)
    {
        byte[] data = [.. Enumerable.Range(0, 240 * 8).Select(i => (byte)((i * 37) & 0x3F))];
        int align = bits / 8 * channels;
        var format = WaveFormat.CreateCustomFormat(
            (WaveFormatEncoding)tag, 8000, channels, 8000 * align, align, bits);
        float[] expected = MLAudio.FromBytes(WavBytes.File(tag, channels, 8000, bits, align, [], data)).Samples
            .ToArray();
        var provider = new RawSourceWaveStream(data, 0, data.Length, format);
        CollectionAssert.AreEqual(expected, MLAudio.FromSampleProvider(provider).Samples.ToArray());
    }

    /// <summary>Windows in turn lose and repeat nothing, also where a provider answers in odd pieces.</summary>
    [TestMethod]
    public void FromSampleProvider_WindowsInTurn_AreTheWhole()
    {
        MLAudio whole = MLAudio.FromBytes(s_stereo);
        var provider = new Uneven(new RawSourceWaveStream(
            s_stereo, 46, s_stereo.Length - 46, new WaveFormat(16_000, 16, 2)).ToSampleProvider());
        var windows = new List<MLAudio>();
        do
        {
            windows.Add(MLAudio.FromSampleProvider(provider, TimeSpan.FromSeconds(0.1)));
        }
        while (windows[^1].Length > 0);
        CollectionAssert.AreEqual(new[] { 1600, 1600, 1600, 1600, 1600, 1600, 400, 0 },
            windows.Select(w => w.Length).ToArray());
        CollectionAssert.AreEqual(whole.Samples.ToArray(), windows.SelectMany(w => w.Samples.ToArray()).ToArray());
    }

    [TestMethod]
    public void FromSampleProvider_Endless_NeedsALimit()
    {
        var microphone = new BufferedWaveProvider(new WaveFormat(16_000, 16, 1), null);
        microphone.AddSamples(s_stereo.AsSpan(46, 3200));
        Assert.AreEqual(
            "FromSampleProvider: expected a limit for a BufferedWaveProvider that gives silence where its buffer is " +
            "empty (ReadFully), got none: it never ends. Give a limit, or set ReadFully to false. (Parameter 'limit')",
            Assert.ThrowsExactly<ArgumentException>(() => MLAudio.FromSampleProvider(microphone)).Message);
        Assert.AreEqual(1600, MLAudio.FromSampleProvider(microphone, TimeSpan.FromSeconds(0.1)).Length);
        microphone.ReadFully = false;
        Assert.AreEqual(0, MLAudio.FromSampleProvider(microphone).Length);

        var tone = new SignalGenerator(8, 1) { Type = SignalGeneratorType.Sin, Frequency = 1 };
        AudioException error = Refused(() => MLAudio.FromSampleProvider(tone));
        Assert.AreEqual("'SignalGenerator': expected its end within 1 hour, got more. Give a limit.", error.Message);
        Assert.AreEqual(12, MLAudio.FromSampleProvider(tone, TimeSpan.FromSeconds(1.5)).Length);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            MLAudio.FromSampleProvider(tone, TimeSpan.FromSeconds(-1)));
    }

    [TestMethod]
    public void FromSampleProvider_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.CancelAfter(20);
        var tone = new SignalGenerator(48_000, 2);
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            MLAudio.FromSampleProvider(tone, TimeSpan.FromHours(2), source.Token));
    }

    [TestMethod]
    public void FromSampleProvider_BadProviders_AreNamed()
    {
        var audio = new RawSourceWaveStream(new byte[4 * 10], 0, 40, WaveFormat.CreateIeeeFloatWaveFormat(8000, 1));
        BinaryPrimitives.WriteSingleLittleEndian(s_nan.AsSpan(12), float.NaN);
        var nan = new RawSourceWaveStream(s_nan, 0, 40, WaveFormat.CreateIeeeFloatWaveFormat(8000, 2));
        Assert.AreEqual(10, MLAudio.FromSampleProvider(audio).Length);
        Assert.AreEqual("'RawSourceWaveStream': frame 1, channel 1: expected a finite sample, got NaN.",
            Refused(() => MLAudio.FromSampleProvider(nan)).Message);
        var adpcm = new RawSourceWaveStream(new byte[512], 0, 512, new AdpcmWaveFormat(8000, 1));
        Assert.AreEqual("FromSampleProvider: expected a provider of PCM, floating point, A-law or mu-law, got Adpcm. " +
            "Decode it before. (Parameter 'provider')",
            Assert.ThrowsExactly<ArgumentException>(() => MLAudio.FromSampleProvider(adpcm)).Message);
        Assert.ThrowsExactly<InvalidOperationException>(() => MLAudio.FromSampleProvider(new Liar()));
    }

    /// <summary>The bytes that run folders had before NAudio wrote them.</summary>
    [TestMethod]
    public void WriteWav_SixteenBits_IsTheCanonicalFile()
    {
        float[] samples = [0, 0.5f, -1, 1, -2, 0.25f + (1f / 65536)];
        short[] integers = [0, 16384, -32768, 32767, -32768, 8192]; // rounded to even, cut off
        byte[] expected =
        [
            .. "RIFF"u8, 48, 0, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 0x22, 0x56, 0, 0, 0x44, 0xAC, 0, 0, 2,
            0, 16, 0, .. "data"u8, 12, 0, 0, 0, .. integers.SelectMany(BitConverter.GetBytes),
        ];
        using var stream = new MemoryStream();
        stream.WriteByte(7);
        MLAudio.FromSamples(samples, 22_050).WriteWav(stream);
        CollectionAssert.AreEqual((byte[])[7, .. expected], stream.ToArray());
        using var scratch = new Scratch();
        File.WriteAllText(scratch.At("a.wav"), "former content that is longer than what replaces it: " + new string(
            'x', 100));
        MLAudio.FromSamples(samples, 22_050).WriteWav(scratch.At("a.wav"));
        CollectionAssert.AreEqual(expected, File.ReadAllBytes(scratch.At("a.wav")));
    }

    [TestMethod]
    public void WriteWav_Float_KeepsEverySample()
    {
        float[] samples = [0, 1e-30f, -3.5f, 0.1f, float.MaxValue];
        using var stream = new MemoryStream();
        MLAudio.FromSamples(samples, 8000).WriteWav(stream, WavEncoding.FloatingPoint);
        MLAudio back = MLAudio.FromBytes(stream.ToArray());
        Assert.AreEqual(8000, back.SampleRate);
        CollectionAssert.AreEqual(samples, back.Samples.ToArray());
        using var once = new Forward([]) { Taken = [] };
        MLAudio.FromSamples(samples, 8000).WriteWav(once, WavEncoding.FloatingPoint);
        CollectionAssert.AreEqual(stream.ToArray(), once.Taken);
    }

    /// <summary>Uploads from many threads give what each gives alone.</summary>
    [TestMethod]
    public void FromBytes_ManyThreads_GiveTheSame()
    {
        byte[][] uploads = [s_stereo, Recordings.RecordingFiles.Bytes("f.flac"), WavBytes.Pcm16(s_samples, 1, 8000)];
        float[][] alone = [.. uploads.Select(u => MLAudio.FromBytes(u).Samples.ToArray())];
        Parallel.For(0, 48, k => CollectionAssert.AreEqual(
            alone[k % 3], MLAudio.FromBytes(uploads[k % 3]).Samples.ToArray()));
    }

    private static readonly byte[] s_nan = new byte[40];

    private static AudioException Refused(Func<MLAudio> read) => Assert.ThrowsExactly<AudioException>(() => _ = read());

    /// <summary>A stream that cannot seek.</summary>
    private sealed class Forward(byte[] bytes) : Stream
    {
        private int _at;

        public bool IsEndless { get; init; }

        public bool Fails { get; init; }

        public long Delivered { get; private set; }

        public List<byte>? Taken { get; init; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => Taken is not null;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (Fails)
            {
                throw new IOException("no more");
            }
            _at = IsEndless && _at == bytes.Length ? 0 : _at;
            int read = Math.Min(Math.Min(count, 777), bytes.Length - _at);
            bytes.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
            _at += read;
            Delivered += read;
            return read;
        }

        public override void Write(byte[] buffer, int offset, int count) =>
            Taken!.AddRange(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    /// <summary>Answers in pieces that are no whole frames.</summary>
    private sealed class Uneven(ISampleProvider provider) : ISampleProvider
    {
        private int _calls;

        public WaveFormat WaveFormat => provider.WaveFormat;

        public int Read(Span<float> buffer) => provider.Read(buffer[..Math.Min(buffer.Length, 1 + (_calls++ % 7))]);
    }

    private sealed class Liar : ISampleProvider
    {
        public WaveFormat WaveFormat { get; } = WaveFormat.CreateIeeeFloatWaveFormat(8000, 1);

        public int Read(Span<float> buffer) => buffer.Length + 1;
    }
}
