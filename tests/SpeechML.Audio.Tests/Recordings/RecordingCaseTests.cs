using SpeechML.Audio.Formats.SndFile;

namespace SpeechML.Audio.Tests.Recordings;

/// <summary>Each recording gives every sample that it holds, or is refused with what it is and what to do.</summary>
[TestClass]
public sealed class RecordingCaseTests
{
    /// <summary>
    /// Samples were counted without the product: MPEG frames by a walker of its own (times 576, less the delay and the
    /// padding of LAME's tag), Ogg by the granule positions, the others by their headers. libsndfile decodes Opus at
    /// the first of its rates that is not below that of the recording.
    /// </summary>
    public static IEnumerable<object[]> Whole() =>
    [
        ["vbr16k_en04-02.mp3", 16000, 24768],
        ["vbr16k_es00-03.mp3", 16000, 46080],
        ["vbr16k_q2.mp3", 16000, 97344],
        ["vbr16k_q3.mp3", 16000, 97344],
        ["vbr16k_q5.mp3", 16000, 97344],
        ["vbr_noxing_loudfirst.mp3", 8000, 41472],
        ["vbr_xing_loudfirst.mp3", 8000, 40000],
        ["vbr_xing_quietfirst.mp3", 8000, 48000],
        ["talk_cbr.mp3", 22050, 196479],
        ["talk_cbr_noxing.mp3", 22050, 198144],
        ["talk_cut_from_middle.mp3", 22050, 143424],
        ["talk_q4.mp3", 22050, 198144],
        ["talk_q9.mp3", 22050, 198144],
        ["one.mp3", 22050, 22050],
        ["two.mp3", 22050, 66150],
        ["joined.mp3", 22050, 88200],
        ["id3_padded.mp3", 8000, 41472],
        ["zeros_first.mp3", 16000, 65664],
        ["cbr/noid3_16000_1_32k.mp3", 16000, 65664],
        ["cbr/noid3_16000_1_64k.mp3", 16000, 65664],
        ["cbr/id3_16000_1_32k.mp3", 16000, 65664],
        ["cbr/id3_16000_1_64k.mp3", 16000, 65664],
        ["cbr/id3v1_16000_1_32k.mp3", 16000, 65664],
        ["cbr/junktail_16000_1_32k.mp3", 16000, 65664],
        ["a.ogg", 8000, 8000],
        ["b.ogg", 8000, 8000],
        ["chained.ogg", 8000, 16000],
        ["long.ogg", 22050, 196479],
        ["a.opus", 8000, 8000],
        ["b.opus", 8000, 8000],
        ["chained.opus", 8000, 16000],
        ["long.opus", 24000, 213855],
        ["mp.ogg", 8000, 8000],
        ["a.oga", 8000, 8000],
        ["b.oga", 8000, 8000],
        ["chained.oga", 8000, 16000],
        ["id3_picture_before.opus", 8000, 8000],
        ["plain.aiff", 8000, 8000],
        ["f.flac", 8000, 8000],
        ["flac_id3v1.flac", 8000, 8000],
        ["flac_id3v2.flac", 8000, 8000],
        ["flac_pipe.flac", 8000, 8000],
        ["dc.wav", 8000, 8000],
        ["antiphase_near.wav", 8000, 8000],
        ["ext24in32_left.wav", 8000, 8000],
        ["ext24in32_right.wav", 8000, 8000],
        ["float_ok.wav", 8000, 4000],
        ["float_int16range.wav", 8000, 4000],
        ["timit_plain.WAV", 16000, 8000],
        ["timit_plain_lower.sph", 16000, 8000],
    ];

    [TestMethod]
    [DynamicData(nameof(Whole))]
    public void Read_CompleteRecording_GivesEverySample(string file, int rate, int frames)
    {
        DecodedAudio audio = Decode(file);
        Assert.AreEqual((rate, frames), (audio.SampleRate, audio.Frames));
        Assert.IsFalse(audio.Truncated, "A complete file is never cut off.");
        Assert.IsGreaterThan(0.0003f, audio.Channels[0].Max());
    }

    /// <summary>The same samples in another wrapper.</summary>
    [TestMethod]
    [DataRow("id3_picture_before.wav", "plain.wav")]
    [DataRow("id3_picture_before.aiff", "plain.aiff")]
    [DataRow("id3_picture_before.opus", "a.opus")]
    [DataRow("plain.aiff", "plain.wav")]
    [DataRow("unfinalised_0.wav", "plain.wav")]
    [DataRow("unfinalised_0_tail.wav", "plain.wav")]
    [DataRow("plus44.wav", "plain.wav")]
    [DataRow("ffpipe.wav", "plain.wav")]
    [DataRow("oddlist_nopad.wav", "plain.wav")]
    [DataRow("oddlist_pad.wav", "plain.wav")]
    [DataRow("ext24in32_left.wav", "plain.wav")]
    [DataRow("flac_pipe.flac", "f.flac")]
    [DataRow("flac_id3v2.flac", "f.flac")]
    [DataRow("id3_padded.mp3", "vbr_noxing_loudfirst.mp3")]
    [DataRow("zeros_first.mp3", "cbr/noid3_16000_1_32k.mp3")]
    [DataRow("cbr/junktail_16000_1_32k.mp3", "cbr/noid3_16000_1_32k.mp3")]
    public void Read_RecordingInAnotherWrapper_GivesTheSameSamples(string file, string plain)
    {
        DecodedAudio expected = Decode(plain), audio = Decode(file);
        Assert.IsFalse(audio.Truncated);
        Assert.AreEqual(expected.Frames, audio.Frames);
        for (int i = 0; i < expected.Frames; i++)
        {
            Assert.AreEqual(expected.Channels[0][i], audio.Channels[0][i], 1e-4f, $"sample {i}");
        }
    }

    [TestMethod]
    [DataRow("chained.ogg", "a.ogg", "b.ogg")]
    [DataRow("chained.opus", "a.opus", "b.opus")]
    [DataRow("chained.oga", "a.oga", "b.oga")]
    [DataRow("joined.mp3", "one.mp3", "two.mp3")]
    public void Read_JoinedRecordings_GivesBoth(string file, string first, string second)
    {
        float[] expected = [.. Decode(first).Channels[0], .. Decode(second).Channels[0]];
        float[] got = Decode(file).Channels[0];
        Assert.HasCount(expected.Length, got);
        // Where the second begins, an MP3 decoder still sounds of the first.
        int differing = expected.Zip(got).Count(p => Math.Abs(p.First - p.Second) > 1e-4);
        Assert.IsLessThan(1200, differing);
    }

    [TestMethod]
    [DataRow("cut.mp3", 21935)]
    [DataRow("cbr/cutframe_16000_1_32k.mp3", 65088)]
    [DataRow("cutmid_long.opus", 143844)]
    [DataRow("cutpage_long.ogg", 186752)]
    public void Read_CutRecording_GivesWhatIsThereAndSaysSo(string file, int frames)
    {
        DecodedAudio audio = Decode(file);
        Assert.AreEqual(frames, audio.Frames);
        Assert.IsTrue(audio.Truncated);
    }

    [TestMethod]
    [DataRow("iphone.m4a", "MPEG-4 audio (.m4a)", "iphone")]
    [DataRow("iphone_renamed.wav", "MPEG-4 audio (.m4a)", "iphone_renamed")]
    [DataRow("alac.m4a", "MPEG-4 audio (.m4a)", "alac")]
    [DataRow("browser.webm", "WebM (.webm)", "browser")]
    [DataRow("rec.aac", "AAC in ADTS (.aac)", "rec")]
    [DataRow("rec_opus.caf", "CAF with Opus", "rec_opus")]
    [DataRow("timit_shorten.sph", "NIST SPHERE with Shorten", "timit_shorten")]
    [DataRow("swbd_shorten.sph", "NIST SPHERE with Shorten", "swbd_shorten")]
    public void Read_FormatWithoutDecoder_IsNamedWithTheRemedy(string file, string format, string stem)
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() => RecordingFiles.Read(file));
        Assert.AreEqual(
            $"'{file}': expected WAV, W64, FLAC, Ogg Vorbis or Opus, MP3, AIFF, AU or CAF, got {format}, which is " +
            $"not decoded here. Convert it to WAV or FLAC: ffmpeg -i \"{file}\" \"{stem}.flac\". Or have it decoded: " +
            "install ffmpeg, reference the package SpeechML.FFmpeg and call SpeechFFmpeg.Register() once.",
            error.Message);
        Assert.AreEqual(AudioErrorKind.UnsupportedFormat, error.Kind);
    }

    [TestMethod]
    public void Read_TwentyFourBitsInFourBytes_SaysWhyAndWhatToDo()
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() => RecordingFiles.Read("s24le_ba4.wav"));
        Assert.AreEqual(
            "'s24le_ba4.wav': expected a block align of 3 (1 channels of 24 bits), got 4: 24 bits in 4 bytes, and " +
            "nothing says at which end they lie (arecord -f S24_LE). Record it as S24_3LE or S32_LE.", error.Message);
    }

    private static DecodedAudio Decode(string file)
    {
        try
        {
            return RecordingFiles.Read(file);
        }
        catch (AudioException e) when (e.Kind == AudioErrorKind.DecoderMissing)
        {
            Assert.IsFalse(SndFileLibrary.Default.IsAvailable);
            Assert.Inconclusive(e.Message);
            throw;
        }
    }
}
