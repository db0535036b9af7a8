using SpeechML.Audio.Streaming;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

[TestClass]
public sealed class ReadAheadFilesTests
{
    [TestMethod]
    public void Start_FilesWithABadOne_DeliversTheRestInOrder()
    {
        string folder = Directory.CreateTempSubdirectory("prefetch").FullName;
        try
        {
            string[] paths = [.. Enumerable.Range(0, 20).Select(k => Path.Combine(folder, $"{k}.wav"))];
            for (int k = 0; k < paths.Length; k++)
            {
                File.WriteAllBytes(paths[k], k == 7 ? [] : WavBytes.Pcm16(new short[(k + 1) * 441], 1, 44100));
            }
            using var ahead = new ReadAhead<string, MLAudio>(
                paths, path => MLAudio.FromFile(path, 16000), audio => audio.Length);
            for (int k = 0; k < paths.Length; k++)
            {
                if (k == 7)
                {
                    Assert.AreEqual($"'{paths[k]}': expected audio, got an empty file.",
                        Assert.ThrowsExactly<AudioException>(() => ahead.MoveNext()).Message);
                    continue;
                }
                Assert.IsTrue(ahead.MoveNext());
                Assert.AreEqual(16000, ahead.Current.SampleRate);
                Assert.AreEqual((k + 1) * 160, ahead.Current.Length);
            }
            Assert.IsFalse(ahead.MoveNext());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
