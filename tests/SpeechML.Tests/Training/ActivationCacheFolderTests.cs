using SpeechML.TestSupport;
using SpeechML.Training.Caching;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training;

/// <summary>Frozen activations in files: found again, never trusted when damaged, within their limit.</summary>
[TestClass]
public sealed class ActivationCacheFolderTests
{
    private static readonly string s_key = new('a', 64);
    private static readonly Activation[] s_batch =
        [new([1, -2.5f, 1e-3f], 3), new([], 0), new([float.MaxValue, 0.1f], 1)];

    [TestMethod]
    public void Builds_OfTheKey_AreOfAllThatComputes()
    {
        foreach (Type type in new[] { typeof(ActivationCache), typeof(SpeechEncoder), typeof(TorchSharp.torch) })
        {
            StringAssert.Contains(ActivationCache.Builds, type.Module.ModuleVersionId.ToString());
        }
    }

    [TestMethod]
    public void Read_Written_Same()
    {
        using var folder = new Scratch();
        var files = new ActivationCacheFolder(folder.Folder, 1 << 20, CachePrecision.Float32);
        Assert.IsNull(files.Read(s_key));
        files.Write(s_key, s_batch);
        AssertSame(s_batch, files.Read(s_key));
        Assert.IsNull(files.Read(new string('b', 64)));
    }

    [TestMethod]
    public void Read_HalfPrecision_AsRounded()
    {
        using var folder = new Scratch();
        var files = new ActivationCacheFolder(folder.Folder, 1 << 20, CachePrecision.Float16);
        Activation[] batch = [new([1, -2.5f, 0.1f], 3)];
        files.Write(s_key, batch);
        AssertSame([new(files.Round(batch[0]).Values, 3)], files.Read(s_key));
        Assert.AreEqual(0.1f, files.Read(s_key)![0].Values[2], 5e-5f);
        Assert.IsNull(new ActivationCacheFolder(folder.Folder, 1 << 20, CachePrecision.Float32).Read(s_key));
    }

    [TestMethod]
    [DataRow(TorchSharp.torch.ScalarType.BFloat16)]
    [DataRow(TorchSharp.torch.ScalarType.Float16)]
    public void Read_ComputedIn16Bits_SameInHalfTheRoom(TorchSharp.torch.ScalarType type)
    {
        using var folder = new Scratch();
        var files = new ActivationCacheFolder(folder.Folder, 1 << 20, CachePrecision.Float32);
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => i % 128 / 64f)];
        files.Write(s_key, [new(values, 3)]);
        long whole = new FileInfo(Directory.GetFiles(folder.Folder).Single()).Length;
        Activation[] batch = [new(values, 3) { Rounding = type }];
        files.Write(s_key, batch);
        AssertSame(batch, files.Read(s_key));
        Assert.AreEqual(type, files.Read(s_key)![0].Rounding);
        Assert.AreEqual(whole - (2 * values.Length), new FileInfo(Directory.GetFiles(folder.Folder).Single()).Length);
        // Rounded by the option, values go on in float32.
        Assert.IsNull(new ActivationCacheFolder(folder.Folder, 1 << 20, CachePrecision.Float16)
            .Round(batch[0]).Rounding);
    }

    [TestMethod]
    public void Read_AnyByteFlippedOrCut_Nothing()
    {
        using var folder = new Scratch();
        var files = new ActivationCacheFolder(folder.Folder, 1 << 20, CachePrecision.Float32);
        files.Write(s_key, s_batch);
        string path = Directory.GetFiles(folder.Folder).Single();
        byte[] good = File.ReadAllBytes(path);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x10;
            File.WriteAllBytes(path, bad);
            Assert.IsNull(files.Read(s_key), $"byte {i} flipped");
            File.WriteAllBytes(path, good[..i]);
            Assert.IsNull(files.Read(s_key), $"cut at {i}");
        }
        // Another batch's file under this name.
        string other = new('b', 64);
        File.WriteAllBytes(path, good);
        File.Move(path, Path.Combine(folder.Folder, other + ActivationCacheFolder.Extension));
        Assert.IsNull(files.Read(other));
    }

    [TestMethod]
    public void Write_FolderFull_LeastRecentlyUsedGoes()
    {
        using var folder = new Scratch();
        var files = new ActivationCacheFolder(folder.Folder, 1000, CachePrecision.Float32);
        string[] keys = [.. "abc".Select(c => new string(c, 64))];
        for (int i = 0; i < keys.Length; i++)
        {
            if (i == 2)
            {
                // The first was used after the second was written.
                File.SetLastWriteTimeUtc(
                    Path.Combine(folder.Folder, keys[0] + ActivationCacheFolder.Extension),
                    DateTime.UtcNow.AddSeconds(-10));
                File.SetLastWriteTimeUtc(
                    Path.Combine(folder.Folder, keys[1] + ActivationCacheFolder.Extension),
                    DateTime.UtcNow.AddSeconds(-5));
                Assert.IsNotNull(files.Read(keys[0]));
            }
            files.Write(keys[i], [new(new float[80], 80)]);
        }
        Assert.IsNotNull(files.Read(keys[0]));
        Assert.IsNull(files.Read(keys[1]));
        Assert.IsNotNull(files.Read(keys[2]));
        files.Write(new string('d', 64), [new(new float[1000], 1000)]);
        Assert.IsNull(files.Read(new string('d', 64)), "larger than the limit");
        Assert.IsNotNull(files.Read(keys[0]), "nothing was deleted for it");
    }

    [TestMethod]
    public void Write_FolderIsGone_KeepsNothingAndDoesNotThrow()
    {
        using var folder = new Scratch();
        var files = new ActivationCacheFolder(folder.At("gone"), 1000, CachePrecision.Float32);
        Directory.Delete(folder.At("gone"));
        files.Write(s_key, [new(new float[8], 8)]);
        Assert.IsNull(files.Read(s_key));
        Assert.IsFalse(Directory.Exists(folder.At("gone")));
    }

    [TestMethod]
    public void GetOrCompute_SecondRun_FromFiles()
    {
        using var folder = new Scratch();
        int computed = 0;
        foreach (int run in new[] { 1, 2 })
        {
            using var work = new ActivationCache(null,
                new ActivationCacheFolder(folder.Folder, 1 << 20, CachePrecision.Float16));
            Activation[] got = work.GetOrCompute(s_key, () =>
            {
                computed++;
                return [new([0.1f, 0.2f], 2)];
            });
            // The run that computes gets what a later one reads.
            CollectionAssert.AreEqual(new[] { (float)(Half)0.1f, (float)(Half)0.2f }, got[0].Values);
            Assert.AreEqual(run - 1, work.Hits);
        }
        Assert.AreEqual(1, computed);
    }

    [TestMethod]
    public void Fit_CacheFolder_SameWeightsAndReused()
    {
        using var folder = new Scratch();
        byte[] without = TrainingRuns.Fit(Options(""), validated: false);
        byte[] first = TrainingRuns.Fit(Options(folder.Folder), validated: false);
        string[] files = [.. Directory.GetFiles(folder.Folder).Order(StringComparer.Ordinal)];
        Assert.IsNotEmpty(files);
        byte[][] contents = [.. files.Select(File.ReadAllBytes)];
        Assert.IsTrue(without.AsSpan().SequenceEqual(first));
        byte[] second = TrainingRuns.Fit(Options(folder.Folder), validated: false);
        Assert.IsTrue(first.AsSpan().SequenceEqual(second));
        CollectionAssert.AreEqual(files, Directory.GetFiles(folder.Folder).Order(StringComparer.Ordinal).ToArray());
        // A file that is damaged is computed anew and replaced.
        File.WriteAllBytes(files[0], [.. contents[0].Select((b, i) => i == contents[0].Length / 2 ? (byte)~b : b)]);
        byte[] third = TrainingRuns.Fit(Options(folder.Folder), validated: false);
        Assert.IsTrue(first.AsSpan().SequenceEqual(third));
        Assert.IsTrue(contents[0].AsSpan().SequenceEqual(File.ReadAllBytes(files[0])));
    }

    private static SpeechClassificationOptions Options(string folder)
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        options.Freezing = LayerFreezing.All;
        options.Epochs = 1;
        options.Cache.Folder = folder;
        return options;
    }

    private static void AssertSame(Activation[] expected, Activation[]? got)
    {
        Assert.IsNotNull(got);
        Assert.HasCount(expected.Length, got);
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i].Values, got[i].Values);
            Assert.AreEqual(expected[i].Length, got[i].Length);
        }
    }
}
