using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Recordings;

/// <summary>
/// Files of the encoders that are installed: the decoded length is the number of samples that went in, or, where the
/// format does not say it, the number of packets that ffprobe counts times their length.
/// </summary>
[TestClass]
public sealed class EncodedLengthTests
{
    private static readonly int[] s_rates = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];

    private string _folder = "";

    public TestContext TestContext { get; set; } = null!;

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("encoded ").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("lame")]
    [DataRow("ffmpeg")]
    [DataRow("oggenc")]
    [DataRow("opusenc")]
    [DataRow("flac")]
    [DataRow("sox")]
    public void Read_FileOfAnEncoder_HasTheLengthCounted(string encoder) => Check(encoder, [16000], [1]);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("lame")]
    [DataRow("ffmpeg")]
    [DataRow("oggenc")]
    [DataRow("opusenc")]
    [DataRow("flac")]
    [DataRow("sox")]
    public void Read_EveryRateAndChannelCount_HasTheLengthCounted(string encoder) => Check(encoder, s_rates, [1, 2]);

    private void Check(string encoder, int[] rates, int[] channelCounts)
    {
        int files = 0;
        var wrong = new List<string>();
        foreach (int rate in rates)
        {
            foreach (int channels in channelCounts)
            {
                int samples = (rate * 3 / 2) + 77;
                File.WriteAllBytes(At("in.wav"), Sound(rate, channels, samples));
                foreach ((string file, string arguments, Func<int> count) in Commands(encoder, rate, samples))
                {
                    Run(encoder, arguments);
                    if (!File.Exists(At(file)) || new FileInfo(At(file)).Length == 0)
                    {
                        continue; // the encoder has no such rate
                    }
                    files++;
                    int expected = count();
                    DecodedAudio audio = AudioFile.Read(At(file));
                    if (audio.Frames != expected || audio.Truncated || audio.Channels.Length != channels)
                    {
                        wrong.Add($"{arguments} at {rate} Hz, {channels} channels: expected {expected}, got " +
                            $"{audio.Frames}{(audio.Truncated ? ", cut off" : "")}");
                    }
                    File.Delete(At(file));
                }
            }
        }
        TestContext.WriteLine($"{encoder}: {files} files, {wrong.Count} of another length");
        Assert.IsGreaterThan(0, files);
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    private IEnumerable<(string File, string Arguments, Func<int> Count)> Commands(
        string encoder, int rate, int samples)
    {
        // LAME resamples for low bit rates unless told not to.
        string lame = string.Create(CultureInfo.InvariantCulture, $"--quiet --resample {rate / 1000.0}");
        int Same() => samples;
        return encoder switch
        {
            "lame" =>
            [
                ("c.mp3", $"{lame} -b 64 in.wav c.mp3", Same),
                ("v.mp3", $"{lame} -V 4 in.wav v.mp3", Same),
                ("n.mp3", $"{lame} -t -b 32 in.wav n.mp3", () => Frames("n.mp3")),
                ("w.mp3", $"{lame} -t -V 2 in.wav w.mp3", () => Frames("w.mp3")),
                ("p.mp3", $"{lame} -t -p --abr 40 in.wav p.mp3", () => Frames("p.mp3")),
            ],
            "ffmpeg" =>
            [
                ("c.mp3", "-v error -y -i in.wav -b:a 48k c.mp3", Same),
                ("q.mp3", "-v error -y -i in.wav -q:a 4 -write_xing 0 q.mp3", () => Frames("q.mp3")),
                ("n.mp3", "-v error -y -i in.wav -b:a 32k -write_xing 0 -id3v2_version 0 n.mp3", () => Frames("n.mp3")),
                ("l.mp2", "-v error -y -i in.wav -c:a mp2 -b:a 64k l.mp2", () => Frames("l.mp2")),
                ("v.ogg", "-v error -y -i in.wav -c:a libvorbis v.ogg", Same),
                ("o.opus", "-v error -y -i in.wav -c:a libopus o.opus", () => Opus("o.opus")),
                ("f.oga", "-v error -y -i in.wav -c:a flac f.oga", Same),
                ("f.flac", "-v error -y -i in.wav f.flac", Same),
            ],
            "oggenc" => [("v.ogg", "-Q -q 3 -o v.ogg in.wav", Same), ("w.ogg", "-Q -q -1 -o w.ogg in.wav", Same)],
            "opusenc" =>
            [
                ("o.opus", "--quiet in.wav o.opus", () => Opus("o.opus")),
                ("c.opus", "--quiet --hard-cbr --bitrate 24 --framesize 60 in.wav c.opus", () => Opus("c.opus")),
            ],
            "flac" =>
            [
                ("f.flac", "-s -f -o f.flac in.wav", Same),
                ("o.oga", "-s -f --ogg -o o.oga in.wav", Same),
            ],
            _ =>
            [
                ("v.ogg", "in.wav v.ogg", Same),
                ("f.flac", "in.wav f.flac", Same),
                ("a.aiff", "in.wav a.aiff", Same),
            ],
        };
    }

    /// <summary>The frames that ffprobe counts, with a length of each that depends on the rate and the layer.</summary>
    private int Frames(string file)
    {
        string[] told = Run("ffprobe", "-v error -count_packets -select_streams a:0 -show_entries " +
            $"stream=nb_read_packets,sample_rate -of csv=p=0 {file}").Trim().Split(',');
        int rate = int.Parse(told[0], CultureInfo.InvariantCulture);
        int samples = file.EndsWith("mp2", StringComparison.Ordinal) || rate >= 32000 ? 1152 : 576;
        return samples * int.Parse(told[1], CultureInfo.InvariantCulture);
    }

    /// <summary>What the last page says (RFC 7845, section 4): samples at 48 kHz, with those to skip first.</summary>
    private int Opus(string file)
    {
        byte[] bytes = File.ReadAllBytes(At(file));
        int head = bytes.AsSpan().IndexOf("OpusHead"u8), last = bytes.AsSpan().LastIndexOf("OggS"u8);
        long samples = BitConverter.ToInt64(bytes, last + 6) - BitConverter.ToUInt16(bytes, head + 10);
        int rate = BitConverter.ToInt32(bytes, head + 12);
        rate = new[] { 8000, 12000, 16000, 24000, 48000 }.First(r => r >= rate);
        return (int)(samples * rate / 48000);
    }

    /// <summary>A tone that swells, and noise: a variable bit rate varies.</summary>
    private static byte[] Sound(int rate, int channels, int samples)
    {
        var random = new Random(rate + channels);
        short[] sound = [.. Enumerable.Range(0, samples * channels).Select(i => (short)(
            (9000.0 * i / samples / channels * Math.Sin(i / channels * 2 * Math.PI * 300 / rate))
            + (random.Next(-3000, 3000) * (i / channels > samples / 2 ? 1 : 0))))];
        return WavBytes.Pcm16(sound, channels, rate);
    }

    private string At(string file) => Path.Combine(_folder, file);

    private string Run(string program, string arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            errors.Wait();
            return output;
        }
        catch (Win32Exception)
        {
            throw new AssertInconclusiveException($"'{program}' is not installed.");
        }
    }
}
