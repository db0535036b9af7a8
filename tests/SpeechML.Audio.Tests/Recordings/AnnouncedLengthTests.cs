using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Recordings;

/// <summary>What files say of their length, without being decoded.</summary>
[TestClass]
public sealed class AnnouncedLengthTests
{
    [TestMethod]
    [DataRow("plain.wav", true)]
    [DataRow("plus44.wav", true)]
    [DataRow("ext24in32_left.wav", true)]
    [DataRow("f.flac", true)]
    [DataRow("plain.aiff", true)]
    [DataRow("a.ogg", true)]
    [DataRow("a.opus", true)]
    [DataRow("a.oga", true)]
    [DataRow("one.mp3", true)]
    [DataRow("vbr16k_q5.mp3", true)]
    [DataRow("vbr_noxing_loudfirst.mp3", true)]
    [DataRow("cbr/noid3_16000_1_32k.mp3", true)]
    [DataRow("flac_pipe.flac", false)]
    [DataRow("chained.opus", false)]
    public void Announced_WholeFile_IsWhatDecodingGives(string name, bool says)
    {
        byte[] bytes = RecordingFiles.Bytes(name);
        using var scratch = new Scratch();
        string path = scratch.At("clip" + Path.GetExtension(name));
        File.WriteAllBytes(path, bytes);
        DecodedAudio decoded = AudioFile.Read(path);
        using (AudioReader reader = AudioFile.Open(path))
        {
            Assert.AreEqual(says ? decoded.Frames : (long?)null, reader.Announced);
        }
        Assert.AreEqual((double)decoded.Frames / decoded.SampleRate, AudioFile.Seconds(path), 1e-12);
    }

    [TestMethod]
    public void Seconds_HeaderOfThreeHours_IsNotDecoded()
    {
        byte[] bytes = RecordingFiles.Bytes("f.flac");
        // STREAMINFO follows marker and block header: 10 bytes, rate (20 bits), channels and bits (8), samples (36).
        int rate = (bytes[18] << 12) | (bytes[19] << 4) | (bytes[20] >> 4);
        long samples = 3L * 60 * 60 * rate;
        bytes[21] = (byte)((bytes[21] & 0xF0) | (int)(samples >> 32));
        for (int i = 0; i < 4; i++)
        {
            bytes[22 + i] = (byte)(samples >> (24 - (8 * i)));
        }
        using var scratch = new Scratch();
        File.WriteAllBytes(scratch.At("long.flac"), bytes);
        Assert.AreEqual(3 * 60 * 60, AudioFile.Seconds(scratch.At("long.flac")));
        Assert.IsTrue(AudioFile.Read(scratch.At("long.flac")).Truncated);
    }
}
