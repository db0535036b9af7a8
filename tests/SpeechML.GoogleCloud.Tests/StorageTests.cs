using System.Text;
using SpeechML.Audio.Storage;
using SpeechML.TestSupport;

namespace SpeechML.GoogleCloud.Tests;

[TestClass]
public sealed class StorageTests
{
    [TestMethod]
    public void Crc32C_OfKnownTexts_IsTheirs()
    {
        // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
        Assert.AreEqual(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.AreEqual(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.AreEqual(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.AreEqual(0x46DD794Eu, Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
        Assert.AreEqual(0u, Crc32C.Compute([]));
    }

    [TestMethod]
    public void Crc32C_InPieces_IsThatOfTheWhole()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 300)));
        for (int cut = 0; cut <= bytes.Length; cut += 7)
        {
            Assert.AreEqual(Crc32C.Compute(bytes),
                Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
        Assert.AreEqual(Crc32C.Compute(bytes), Crc32C.Compute(new MemoryStream(bytes)));
    }

    [TestMethod]
    public void LocalStore_WritesListsReadsDeletes()
    {
        using var scratch = new Scratch();
        IObjectStore store = ObjectStores.For(scratch.Folder);
        foreach (string name in new[] { "b/2.txt", "a.txt", "b/1.txt", "bb.txt" })
        {
            store.Write(scratch.At(name), new MemoryStream(Encoding.UTF8.GetBytes(name)), WriteCondition.IfAbsent);
        }
        CollectionAssert.AreEqual(
            new[] { "b/1.txt", "b/2.txt" }.Select(scratch.At).ToArray(),
            store.List(scratch.At("b/")).Select(o => o.Address).ToArray());
        CollectionAssert.AreEqual(
            new[] { "b/1.txt", "b/2.txt", "bb.txt" }.Select(scratch.At).ToArray(),
            store.List(scratch.At("b")).Select(o => o.Address).ToArray());
        Assert.AreEqual("/2.t", Encoding.UTF8.GetString(store.ReadRange(scratch.At("b/2.txt"), 1, 4)));
        Assert.AreEqual("xt", Encoding.UTF8.GetString(store.ReadRange(scratch.At("b/2.txt"), 5, 40)));
        StoredObject found = store.Find(scratch.At("a.txt"))!;
        Assert.AreEqual(5, found.Size);
        Assert.AreEqual("a.txt", File.ReadAllText(store.Fetch(new Uri(scratch.At("a.txt")).AbsoluteUri)));

        Assert.AreEqual(
            $"'{scratch.At("a.txt")}': expected nothing of this name, got a file. Choose another name, or overwrite " +
            $"it explicitly.",
            Assert.ThrowsExactly<StorageException>(() =>
            store.Write(scratch.At("a.txt"), Stream.Null, WriteCondition.IfAbsent)).Message);
        Assert.AreEqual(
            $"'{scratch.At("a.txt")}': expected the file as it was (generation 5), got another (generation " +
            $"{found.Generation}). Read it again before it is replaced.",
            Assert.ThrowsExactly<StorageException>(() =>
            store.Write(scratch.At("a.txt"), Stream.Null, WriteCondition.IfGeneration(5))).Message);
        Assert.AreEqual("a.txt", File.ReadAllText(scratch.At("a.txt")));
        store.Write(scratch.At("a.txt"), new MemoryStream([65]), WriteCondition.IfGeneration(found.Generation));
        Assert.AreEqual("A", File.ReadAllText(scratch.At("a.txt")));
        Assert.IsTrue(store.Delete(scratch.At("a.txt")));
        Assert.IsFalse(store.Delete(scratch.At("a.txt")));
        Assert.AreEqual(
            $"'{scratch.At("a.txt")}': expected a file, got none of this name.",
            Assert.ThrowsExactly<StorageException>(() => store.Fetch(scratch.At("a.txt"))).Message);
    }

    [TestMethod]
    public void StoragePath_OnTheDisk_MeansWhatPathsMean()
    {
        using var scratch = new Scratch();
        Assert.AreEqual(Path.Combine("a", "b"), StoragePath.Combine("a", "b"));
        Assert.AreEqual("gs://bucket/a/b", StoragePath.Combine("gs://bucket/a", "b"));
        Assert.AreEqual("gs://bucket/a/b", StoragePath.Combine("gs://bucket/a/", "b"));
        Assert.AreEqual("gs://bucket/x", StoragePath.Combine("/data", "gs://bucket/x"));
        Assert.AreEqual("x.wav", StoragePath.FileName("gs://bucket/a/x.wav"));
        Assert.IsFalse(StoragePath.IsRemote(@"C:\data"));
        Assert.IsFalse(StoragePath.IsRemote("c://data"));
        Assert.IsFalse(StoragePath.IsRemote("file:///data"));
        Assert.IsTrue(StoragePath.IsRemote("gs://bucket"));

        StoragePath.WriteAllText(scratch.At("x/y.txt"), "one");
        Assert.ThrowsExactly<StorageException>(() => StoragePath.WriteAllText(scratch.At("x/y.txt"), "two"));
        StoragePath.Write(scratch.At("x/y.txt"), s => s.Write("three"u8), overwrite: true);
        Assert.AreEqual("three", StoragePath.ReadAllText(scratch.At("x/y.txt")));
        CollectionAssert.AreEqual(new[] { scratch.At("x/y.txt") }, StoragePath.List(scratch.Folder).ToArray());
        Assert.HasCount(0, StoragePath.List(scratch.At("none")));
        Assert.IsTrue(StoragePath.Exists(scratch.At("x/y.txt")));
        Assert.IsTrue(StoragePath.Delete(scratch.At("x/y.txt")));
        Assert.IsFalse(StoragePath.Exists(scratch.At("x/y.txt")));
    }

    [TestMethod]
    public void ObjectStores_SchemeWithoutStore_SaysWhatToReferenceAndCall()
    {
        Assert.AreEqual(
            "'gs://bucket/a': expected a store registered for 'gs://', got none. Reference the package " +
            "SpeechML.GoogleCloud and call GoogleCloudStorage.Register() once, before the first path is used.",
            Assert.ThrowsExactly<StorageException>(() => StoragePath.ReadAllBytes("gs://bucket/a")).Message);
        Assert.AreEqual(
            "'s3://bucket/a': expected a store registered for 's3://', got none. Schemes with a store are 'file'; " +
            "ObjectStores.Register adds another.",
            Assert.ThrowsExactly<StorageException>(() => StoragePath.Exists("s3://bucket/a")).Message);
        Assert.AreEqual(
            "Scheme of a store: expected two or more letters, digits, '+', '-' or '.', as 'gs', got 'g'. (Parameter " +
            "'scheme')",
            Assert.ThrowsExactly<ArgumentException>(() => ObjectStores.Register("g", LocalStore.Instance)).Message);
    }
}
