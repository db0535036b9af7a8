using SpeechML.Audio.Formats.SndFile;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>Cut and damaged versions of the intact files in the golden folder, whichever are there.</summary>
[TestClass]
[TestCategory("Golden")]
public sealed class DamagedCompressedTests
{
    public static IEnumerable<object?[]> FlacFiles() => Files(c => c is AudioContainer.Flac or AudioContainer.OggFlac);

    public static IEnumerable<object?[]> UncompressedFiles() => Files(c => c is AudioContainer.Other);

    [TestMethod]
    [DynamicData(nameof(FlacFiles))]
    public void Read_CutFlac_DecodesWhatIsThereAndSaysSo(string? file)
    {
        byte[] bytes = Bytes(file);
        DecodedAudio whole = AudioFile.Read(new MemoryStream(bytes), file!);
        try
        {
            DecodedAudio part = AudioFile.Read(new MemoryStream(bytes[..^20]), file!);
            Assert.IsLessThan(whole.Frames, part.Frames);
            Assert.IsTrue(part.Truncated);
            CollectionAssert.AreEqual(whole.Channels[0][..part.Frames], part.Channels[0]);
        }
        catch (AudioException e)
        {
            // nothing is there: the file was one frame
            Assert.AreEqual(AudioErrorKind.EmptyAudio, e.Kind, e.Message);
        }
    }

    [TestMethod]
    [DynamicData(nameof(FlacFiles))]
    public void Read_FlacWithOneBitFlipped_IsRefused(string? file)
    {
        byte[] bytes = Bytes(file);
        bytes[^30] ^= 0x10; // in the last frame, of whose bits each is under a checksum
        AudioException? error = null;
        try
        {
            DecodedAudio decoded = AudioFile.Read(new MemoryStream(bytes), file!);
            Assert.IsTrue(decoded.Truncated, "The flipped bit may lengthen the last frame beyond the end.");
        }
        catch (AudioException e)
        {
            error = e;
        }
        Assert.IsTrue(error is null or { Kind: AudioErrorKind.CorruptStream or AudioErrorKind.EmptyAudio },
            error?.Message);
    }

    [TestMethod]
    [DynamicData(nameof(UncompressedFiles))]
    public void Read_CutAiffAuOrCaf_SaysSo(string? file)
    {
        byte[] bytes = Bytes(file);
        if (!SndFileLibrary.Default.IsAvailable)
        {
            Assert.Inconclusive("libsndfile is not installed.");
        }
        int length = bytes.Length * 3 / 4;
        bool promises = DeclaredSize.ExceedsFile(new MemoryStream(bytes[..length]));
        DecodedAudio part;
        try
        {
            part = AudioFile.Read(new MemoryStream(bytes[..length]), file!);
        }
        catch (AudioException e)
        {
            Assert.AreEqual(AudioErrorKind.TruncatedHeader, e.Kind, e.Message); // formats whose tables come last
            return;
        }
        Assert.IsFalse(DeclaredSize.ExceedsFile(new MemoryStream(bytes)));
        Assert.AreEqual(promises, part.Truncated);
    }

    private static byte[] Bytes(string? file)
    {
        if (file is null)
        {
            Assert.Inconclusive("The golden folder has no such files.");
        }
        return File.ReadAllBytes(Golden.At("audio", "files", file));
    }

    private static object?[][] Files(Func<AudioContainer, bool> wanted)
    {
        if (!File.Exists(Golden.At("audio", "manifest.json")))
        {
            return [[null]];
        }
        object?[][] files =
        [
            .. Golden.Json("audio", "manifest.json").GetProperty("cases").EnumerateArray()
                .Where(c => c.GetProperty("expect").GetString() == "decode")
                .Select(c => c.GetProperty("file").GetString()!)
                .Where(f => wanted(AudioSignature.Detect(File.ReadAllBytes(Golden.At("audio", "files", f)))))
                .Select(f => new object?[] { f }),
        ];
        return files.Length > 0 ? files : [[null]];
    }
}
