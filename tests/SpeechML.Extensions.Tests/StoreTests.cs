using System.Collections.Concurrent;

namespace SpeechML.Extensions.Tests;

[TestClass]
public sealed class StoreTests
{
    [TestMethod]
    public void AudioFile_InAStoreOfAUser_IsRead()
    {
        try
        {
            ObjectStores.Register("memory", new MemoryStore());
            byte[] bytes = [.. "RIFF"u8, 40, 0, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80,
                0x3E, 0, 0, 2, 0, 16, 0, .. "data"u8, 4, 0, 0, 0, 0, 64, 0, 192];
            ObjectStores.For("memory://a/b.wav").Write("memory://a/b.wav", new MemoryStream(bytes),
                WriteCondition.IfAbsent);
            CollectionAssert.AreEqual(new[] { 0.5f, -0.5f }, MLAudio.FromFile("memory://a/b.wav").Samples.ToArray());
            Assert.ThrowsExactly<StorageException>(() => ObjectStores.For("memory://a/b.wav")
                .Write("memory://a/b.wav", new MemoryStream(bytes), WriteCondition.IfAbsent));
        }
        finally
        {
            ObjectStores.Unregister("memory");
        }
    }

    /// <summary>Objects in memory, each fetched into a temporary file.</summary>
    private sealed class MemoryStore : IObjectStore
    {
        private readonly ConcurrentDictionary<string, (byte[] Bytes, long Generation)> _objects = [];

        public int ParallelReads => 1;

        public IEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken = default) =>
            _objects.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(k => Find(k, cancellationToken)!);

        public StoredObject? Find(string address, CancellationToken cancellationToken = default) =>
            _objects.TryGetValue(address, out var found)
                ? new StoredObject(address, found.Bytes.Length, found.Generation, null) : null;

        public string Fetch(
            string address, StoredObject? known = null, CancellationToken cancellationToken = default)
        {
            string file = Path.Combine(Directory.CreateTempSubdirectory("store").FullName, Path.GetFileName(address));
            Download(address, file, cancellationToken);
            return file;
        }

        public void Download(string address, string file, CancellationToken cancellationToken = default) =>
            File.WriteAllBytes(file, Bytes(address));

        public byte[] ReadRange(
            string address, long offset, int count, CancellationToken cancellationToken = default) =>
            [.. Bytes(address).Skip((int)offset).Take(count)];

        public StoredObject Write(
            string address, Stream content, WriteCondition condition, CancellationToken cancellationToken = default)
        {
            long now = _objects.TryGetValue(address, out var there) ? there.Generation : 0;
            if (!condition.Overwrites && condition.Generation != now)
            {
                throw new StorageException(StorageErrorKind.Conflict, address,
                    $"expected generation {condition.Generation}, got {now}.");
            }
            using var bytes = new MemoryStream();
            content.CopyTo(bytes);
            _objects[address] = (bytes.ToArray(), now + 1);
            return Find(address, cancellationToken)!;
        }

        public bool Delete(
            string address, long? generation = null, CancellationToken cancellationToken = default) =>
            _objects.TryRemove(address, out _);

        private byte[] Bytes(string address) => _objects.TryGetValue(address, out var found) ? found.Bytes
            : throw new StorageException(StorageErrorKind.NotFound, address, "expected an object, got none.");
    }
}
