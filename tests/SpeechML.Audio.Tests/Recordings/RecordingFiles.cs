using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Recordings;

/// <summary>
/// The recordings that were once read wrong: those of the folder that <c>SPEECHML_CASES</c> names, else of the
/// fixtures, else made of these.
/// </summary>
internal static class RecordingFiles
{
    private static readonly string s_fixtures = Path.Combine(RepositoryFiles.Fixtures, "recordings");

    private static readonly string? s_cases = Environment.GetEnvironmentVariable("SPEECHML_CASES") is { Length: > 0 } f
        ? Path.Combine(f, "audio") : null;

    private static readonly Dictionary<string, Func<byte[]>> s_made = new()
    {
        ["joined.mp3"] = () => [.. Bytes("one.mp3"), .. Bytes("two.mp3")],
        ["chained.opus"] = () => [.. Bytes("a.opus"), .. Bytes("b.opus")],
        ["chained.ogg"] = () => [.. Bytes("a.ogg"), .. Bytes("b.ogg")],
        ["chained.oga"] = () => [.. Bytes("a.oga"), .. Bytes("b.oga")],
        ["cutmid_long.opus"] = () => Bytes("long.opus")[..28723],
        ["cutpage_long.ogg"] = () => Bytes("long.ogg")[..32901],
        ["iphone_renamed.wav"] = () => Bytes("iphone.m4a"),
        ["id3_picture_before.wav"] = () => [.. Tag(8007), .. Bytes("plain.wav")],
        ["id3_picture_before.aiff"] = () => [.. Tag(8007), .. Bytes("plain.aiff")],
        ["flac_id3v1.flac"] = () => [.. Bytes("f.flac"), .. "TAG"u8, .. new byte[125]],
        ["flac_id3v2.flac"] = () => [.. Tag(10), .. Bytes("f.flac")],
        ["cbr/id3_16000_1_32k.mp3"] = () => [.. Tag(51), .. Bytes("cbr/noid3_16000_1_32k.mp3")],
        ["cbr/id3v1_16000_1_32k.mp3"] = () => [.. Bytes("cbr/noid3_16000_1_32k.mp3"), .. "TAG"u8, .. new byte[125]],
        ["cbr/junktail_16000_1_32k.mp3"] = () => [.. Bytes("cbr/noid3_16000_1_32k.mp3"), .. new byte[2000]],
        ["cbr/cutframe_16000_1_32k.mp3"] = () => Bytes("cbr/noid3_16000_1_32k.mp3")[..^50],
        ["zeros_first.mp3"] = () => [.. new byte[5000], .. Bytes("cbr/noid3_16000_1_32k.mp3")],
    };

    /// <summary>The bytes of a file; the test is inconclusive where it is not there.</summary>
    public static byte[] Bytes(string name)
    {
        string path = s_cases is not null && File.Exists(Path.Combine(s_cases, name))
            ? Path.Combine(s_cases, name) : Path.Combine(s_fixtures, name);
        if (File.Exists(path))
        {
            return File.ReadAllBytes(path);
        }
        if (!s_made.TryGetValue(name, out Func<byte[]>? make))
        {
            Assert.Inconclusive($"'{name}' is only in the folder that SPEECHML_CASES names.");
        }
        return make();
    }

    /// <summary>Reads a file as it is read from a disk.</summary>
    public static DecodedAudio Read(string name) => AudioFile.Read(new MemoryStream(Bytes(name)), name);

    /// <summary>An ID3v2.3 tag with that many bytes behind its header.</summary>
    public static byte[] Tag(int size) =>
        [.. "ID3"u8, 3, 0, 0, 0, 0, (byte)(size >> 7), (byte)(size & 0x7F), .. new byte[size]];
}
