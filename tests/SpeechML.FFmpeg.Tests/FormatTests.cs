using SpeechML.TestSupport;

namespace SpeechML.FFmpeg.Tests;

/// <summary>Files of each format, made by the installed ffmpeg or by a telephone or browser.</summary>
[TestClass]
public sealed class FormatTests
{
    private const int Seconds = 2, Tone = 440;

    private static Scratch? s_scratch;

    [ClassInitialize]
    public static void Register(TestContext _)
    {
        s_scratch = new Scratch();
        SpeechFFmpeg.Register();
    }

    [ClassCleanup]
    public static void Unregister()
    {
        AudioDecoders.Unregister(SpeechFFmpeg.Name);
        s_scratch?.Dispose();
    }

    [TestCleanup]
    public void NothingIsLeft() => CollectionAssert.AreEqual(Array.Empty<string>(), Program.LeftFiles());

    [TestMethod]
    [DataRow("a.m4a", 16000, "")]
    [DataRow("a.mp4", 44100, "-ar 44100 -c:a aac")]
    [DataRow("a.webm", 48000, "-ar 48000 -c:a libopus")]
    [DataRow("a.wma", 44100, "-ar 44100 -c:a wmav2")]
    [DataRow("a.aac", 16000, "")]
    [DataRow("a.spx", 16000, "-c:a libspeex")]
    [DataRow("g722.wav", 16000, "-c:a g722")]
    public void Read_FileOfAFormat_IsTheWholeRecording(string file, int rate, string encoding) =>
        AssertWhole(file, rate, encoding);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("fast.m4a", 16000, "-movflags +faststart")]
    [DataRow("alac.m4a", 16000, "-c:a alac")]
    [DataRow("a.mov", 48000, "-ar 48000 -c:a aac")]
    [DataRow("a.3gp", 16000, "-c:a aac")]
    [DataRow("vorbis.webm", 22050, "-ar 22050 -c:a libvorbis")]
    [DataRow("a.mka", 16000, "-c:a aac")]
    [DataRow("a.ac3", 48000, "-ar 48000")]
    [DataRow("a.wv", 16000, "")]
    [DataRow("a.tta", 16000, "")]
    [DataRow("a.flv", 44100, "-ar 44100 -c:a aac")]
    [DataRow("a.ts", 48000, "-ar 48000 -c:a aac")]
    [DataRow("a.avi", 44100, "-ar 44100 -c:a ac3")]
    [DataRow("g726.wav", 8000, "-ar 8000 -c:a g726")]
    public void Read_FileOfARarerFormat_IsTheWholeRecording(string file, int rate, string encoding) =>
        AssertWhole(file, rate, encoding);

    /// <summary>A path, a stream and bytes give the same.</summary>
    [TestMethod]
    public void Read_PathStreamAndBytes_AreAlike()
    {
        string path = Make("a.m4a", "");
        float[] mono = MLAudio.FromFile(path).Samples.ToArray();
        CollectionAssert.AreEqual(mono, MLAudio.FromBytes(File.ReadAllBytes(path)).Samples.ToArray());
        using FileStream stream = File.OpenRead(path);
        CollectionAssert.AreEqual(mono, MLAudio.FromStream(stream, "upload").Samples.ToArray());
        Assert.IsTrue(stream.CanRead);
    }

    /// <summary>Of a video the sound; both channels, whose mean is taken here and not by ffmpeg.</summary>
    [TestMethod]
    public void Read_Video_GivesItsSound()
    {
        string path = s_scratch!.At("video.mp4");
        Program.Make("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1", "-f", "lavfi", "-i",
            "testsrc=d=1:s=64x64:r=5", "-af", "pan=stereo|c0=c0|c1=0*c0", "-c:a", "aac", path);
        DecodedAudio audio = AudioFile.Read(path);
        Assert.HasCount(2, audio.Channels);
        float[] mono = MLAudio.FromFile(path).Samples.ToArray();
        for (int i = 0; i < mono.Length; i++)
        {
            Assert.AreEqual((0.5f * audio.Channels[0][i]) + (0.5f * audio.Channels[1][i]), mono[i]);
        }
    }

    [TestMethod]
    public void Read_VideoWithoutSound_SaysSo()
    {
        string path = s_scratch!.At("silent.mp4");
        Program.Make("-f", "lavfi", "-i", "testsrc=d=1:s=64x64:r=5", path);
        AudioException error = Assert.ThrowsExactly<AudioException>(() => AudioFile.Read(path));
        Assert.AreEqual(AudioErrorKind.EmptyAudio, error.Kind, error.Message);
    }

    /// <summary>AMR, whose encoders few have: 100 frames of 20 ms without speech in them.</summary>
    [TestMethod]
    public void Read_Amr_GivesEveryFrame()
    {
        Program.Need();
        byte[] frame = [0x3C, .. new byte[31]];
        byte[] amr = [.. "#!AMR\n"u8, .. Enumerable.Repeat(frame, 100).SelectMany(f => f)];
        DecodedAudio audio = AudioFile.Read(new MemoryStream(amr), "call");
        Assert.AreEqual((8000, 16_000), (audio.SampleRate, audio.Frames));
        AssertCut(amr[..^10], "AMR");
    }

    /// <summary>What a telephone, a browser and others wrote.</summary>
    [TestMethod]
    [DataRow("iphone.m4a")]
    [DataRow("alac.m4a")]
    [DataRow("browser.webm")]
    [DataRow("rec.aac")]
    [DataRow("rec_opus.caf")]
    public void Read_RecordingOfADevice_GivesSpeech(string file)
    {
        Program.Need();
        byte[] bytes = File.ReadAllBytes(Path.Combine(RepositoryFiles.Fixtures, "recordings", file));
        MLAudio audio = MLAudio.FromBytes(bytes, file, new AudioLoadingOptions());
        Assert.IsGreaterThan(0.5, audio.Duration.TotalSeconds);
        byte[] tagged = [.. "ID3"u8, 3, 0, 0, 0, 0, 0, 20, .. new byte[20], .. bytes];
        if (file == "rec.aac")
        {
            CollectionAssert.AreEqual(audio.Samples.ToArray(), MLAudio.FromBytes(tagged).Samples.ToArray());
        }
    }

    /// <summary>Cut files are refused or flagged, never taken for whole ones.</summary>
    [TestMethod]
    [DataRow("a.m4a", "")]
    [DataRow("a.webm", "-ar 48000 -c:a libopus")]
    [DataRow("a.aac", "")]
    [DataRow("a.spx", "-c:a libspeex")]
    public void Read_CutFile_IsRefusedOrFlagged(string file, string encoding) => AssertCuts(file, encoding, 85);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("fast.m4a", "-movflags +faststart")]
    [DataRow("a.webm", "-ar 48000 -c:a libopus")]
    [DataRow("a.wma", "-ar 44100 -c:a wmav2")]
    [DataRow("a.aac", "")]
    [DataRow("a.spx", "-c:a libspeex")]
    [DataRow("a.wv", "")]
    [DataRow("a.tta", "")]
    [DataRow("a.avi", "-ar 44100 -c:a ac3")]
    [DataRow("g722.wav", "-c:a g722")]
    [DataRow("a.flv", "-ar 44100 -c:a aac")]
    [DataRow("a.ts", "-ar 48000 -c:a aac")]
    public void Read_FileCutAnywhere_IsRefusedOrFlagged(string file, string encoding) =>
        AssertCuts(file, encoding, 20, 40, 60, 85, 99);

    /// <summary>
    /// Of each container the last byte, and every place between its packets, where ffmpeg meets nothing odd.
    /// </summary>
    [TestMethod]
    [DataRow("a.flv", "-ar 44100 -c:a aac", "flv")]
    [DataRow("a.ts", "-ar 48000 -c:a aac", "mpegts")]
    public void Is_FileCutAnywhere_IsSeen(string file, string encoding, string demuxer)
    {
        byte[] bytes = File.ReadAllBytes(Make(file, encoding));
        bool IsCut(int length) => CutFile.Is(new MemoryStream(bytes, 0, length), demuxer, file);
        Assert.IsFalse(IsCut(bytes.Length), "whole");
        const int PacketSize = 188, Tables = 3; // packets before the first of sound
        int[] unseen = [.. Enumerable.Range(1, bytes.Length - 1).Where(n => n > Tables * PacketSize && !IsCut(n))];
        // A transport stream has no length: where a PES packet ends, seven in two seconds, it may as well be whole; so
        // it may within the tables that follow.
        Assert.AreEqual(demuxer == "flv" ? 0 : 6, unseen.Count(n => !unseen.Contains(n - PacketSize)));
        Assert.IsTrue(unseen.All(n => n % PacketSize == 0));
    }

    [TestMethod]
    [DataRow("a.flv", "-ar 44100 -c:a aac")]
    [DataRow("a.ts", "-ar 48000 -c:a aac")]
    public void Read_CutVideoContainer_IsRefusedOrFlagged(string file, string encoding) =>
        AssertCuts(file, encoding, 60);

    /// <summary>Names that a command line or a protocol would take for something else.</summary>
    [TestMethod]
    [DataRow("we\"ird\" -f lavfi -i \"x.m4a")]
    [DataRow("back\\slash\\.m4a")]
    [DataRow("-i.m4a")]
    [DataRow("concat:a|b.m4a")]
    [DataRow("Ä ö%d$HOME.m4a")]
    public void Read_OddName_IsAName(string file)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Such names are not allowed here.");
        }
        string path = s_scratch!.At(file);
        File.Copy(Make("a.m4a", ""), path);
        Assert.IsGreaterThan(30_000, AudioFile.Read(path).Frames);
    }

    /// <summary>Playlists and lists of files name others: they are no audio here.</summary>
    [TestMethod]
    [DataRow("#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n")]
    [DataRow("ffconcat version 1.0\nfile '/etc/hostname'\n")]
    [DataRow("<?xml version=\"1.0\"?><MPD></MPD>")]
    public void Read_Playlist_IsRefused(string text)
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            AudioFile.Read(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)), "list.m4a"));
        Assert.AreEqual(AudioErrorKind.NotAudio, error.Kind, error.Message);
    }

    [TestMethod]
    public void Resolve_NameWithoutExtension_FindsTheFile()
    {
        File.Copy(Make("a.m4a", ""), s_scratch!.At("memo.m4a"));
        Assert.AreEqual(s_scratch.At("memo.m4a"), AudioPath.Resolve(s_scratch.Folder, "memo"));
        AudioDecoders.Unregister(SpeechFFmpeg.Name);
        try
        {
            AudioException error = Assert.ThrowsExactly<AudioException>(() =>
                AudioPath.Resolve(s_scratch.Folder, "memo"));
            StringAssert.Contains(error.Message, "There is 'memo.m4a', whose format is not decoded here");
        }
        finally
        {
            SpeechFFmpeg.Register();
        }
    }

    [TestMethod]
    public void Read_LongerThanTheLimits_IsRefused()
    {
        byte[] bytes = File.ReadAllBytes(Make("a.m4a", ""));
        var limits = new AudioLimits { MaxDuration = TimeSpan.FromSeconds(0.5) };
        AudioException error = Assert.ThrowsExactly<AudioException>(() => MLAudio.FromBytes(bytes, limits: limits));
        StringAssert.Contains(error.Message, "Set AudioLimits.MaxDuration to take longer recordings.");
        IAudioDecoder decoder = SpeechFFmpeg.Open(new FFmpegOptions { MaxDuration = TimeSpan.FromSeconds(0.5) });
        AudioDecoders.Register(decoder);
        try
        {
            error = Assert.ThrowsExactly<AudioException>(() => MLAudio.FromBytes(bytes));
            Assert.AreEqual(AudioErrorKind.TooLong, error.Kind);
        }
        finally
        {
            SpeechFFmpeg.Register();
        }
    }

    /// <summary>Uploads from many threads wait for their turn and give what each gives alone.</summary>
    [TestMethod]
    public void Read_ManyThreads_GiveTheSame()
    {
        byte[] bytes = File.ReadAllBytes(Make("a.m4a", ""));
        float[] alone = MLAudio.FromBytes(bytes).Samples.ToArray();
        Parallel.For(0, 8, _ => CollectionAssert.AreEqual(alone, MLAudio.FromBytes(bytes).Samples.ToArray()));
    }

    /// <summary>The tone is in it, all of it, at the file's own rate.</summary>
    private static void AssertWhole(string file, int rate, string encoding)
    {
        DecodedAudio audio = AudioFile.Read(Make(file, encoding));
        Assert.AreEqual(rate, audio.SampleRate);
        Assert.IsFalse(audio.Truncated);
        // Coders that work in frames begin and end with parts of one.
        Assert.AreEqual(Seconds, (double)audio.Frames / rate, 0.12);
        Assert.IsGreaterThan(0.9, ShareOfTone(audio.Channels[0], rate), "The tone is most of what is there.");
    }

    private static void AssertCuts(string file, string encoding, params int[] percents)
    {
        byte[] bytes = File.ReadAllBytes(Make(file, encoding));
        foreach (int percent in percents)
        {
            AssertCut(bytes[..(bytes.Length * percent / 100)], $"{percent} %");
        }
    }

    private static void AssertCut(byte[] bytes, string what)
    {
        try
        {
            DecodedAudio audio = AudioFile.Read(new MemoryStream(bytes), "cut");
            Assert.IsTrue(audio.Truncated, $"{what}: {audio.Frames} frames, said to be whole");
        }
        catch (AudioException e)
        {
            StringAssert.StartsWith(e.Message, "'cut': expected ");
            Assert.IsTrue(e.Kind is AudioErrorKind.CorruptStream or AudioErrorKind.EmptyAudio, e.Message);
        }
    }

    private static string Make(string file, string encoding)
    {
        string path = s_scratch!.At(file);
        if (!File.Exists(path) && !Program.Make(["-f", "lavfi", "-i",
            FormattableString.Invariant($"sine=frequency={Tone}:sample_rate=16000:duration={Seconds}"),
            .. encoding.Split(' ', StringSplitOptions.RemoveEmptyEntries), path]))
        {
            Assert.Inconclusive($"This ffmpeg has no encoder for '{file}'.");
        }
        return path;
    }

    /// <summary>The share of the power that lies at the tone, in the middle of the recording.</summary>
    private static double ShareOfTone(float[] samples, int rate)
    {
        double cosine = 0, sine = 0, power = 0;
        int from = samples.Length / 4, count = rate; // whole periods
        for (int i = from; i < from + count; i++)
        {
            double angle = 2 * Math.PI * Tone * i / rate;
            cosine += samples[i] * Math.Cos(angle);
            sine += samples[i] * Math.Sin(angle);
            power += samples[i] * (double)samples[i];
        }
        return 2 * ((cosine * cosine) + (sine * sine)) / (count * power);
    }
}
