using System.Buffers.Binary;
using System.Text;
using SpeechML.Encoders.Checkpoints.Safetensors;
using TorchSharp;

namespace SpeechML.Encoders.Tests.Checkpoints;

[TestClass]
public sealed class SafetensorsFileTests
{
    private string _folder = "";

    [TestInitialize]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("speechml-safetensors").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Write_EveryTypeAndStride_ReadsBackEqual()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor matrix = torch.arange(24, torch.ScalarType.Float32).reshape(4, 6);
        (string Name, torch.Tensor Tensor)[] tensors =
        [
            ("b", torch.tensor(new[] { true, false, true })),
            ("u8", torch.tensor(new byte[] { 1, 2, 3, 255, 7 })),
            ("i8", torch.tensor(new sbyte[] { -1, 2, 3 })),
            ("i16", torch.tensor(new short[] { -5, 6 })),
            ("i32", torch.tensor(new[] { -5, 6 })),
            ("i64", torch.tensor(new[] { 1L << 40, -2 })),
            ("f16", matrix.to(torch.ScalarType.Float16)),
            ("bf16", matrix.to(torch.ScalarType.BFloat16)),
            ("f64", matrix.to(torch.ScalarType.Float64)),
            ("transposed", matrix.t()),
            ("part", matrix[1]),
            ("scalar", torch.tensor(2.5f)),
            ("empty", torch.zeros(0, 3)),
            ("größe", torch.ones(1)),
        ];
        string path = Path.Combine(_folder, "all.safetensors");

        SafetensorsFile.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt", ["é"] = "\"" });

        using SafetensorsFile file = SafetensorsFile.Open(path);
        CollectionAssert.AreEquivalent(tensors.Select(t => t.Name).ToArray(), file.Entries.Keys.ToArray());
        Assert.AreEqual("\"", file.Metadata["é"]);
        foreach ((string name, torch.Tensor tensor) in tensors)
        {
            torch.Tensor read = file.Read(name);
            Assert.AreEqual(tensor.dtype, read.dtype, name);
            CollectionAssert.AreEqual(tensor.shape, read.shape, name);
            Assert.IsTrue(read.Equals(tensor), name);
            // Aligned to its element size in the file.
            Assert.AreEqual(0, file.Entries[name].Offset % (read.numel() == 0 ? 1 : read.ElementSize), name);
        }
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(_folder), "A temporary file was left.");
    }

    [TestMethod]
    public void Write_Fails_LeavesTheOldFile()
    {
        string path = Path.Combine(_folder, "old.safetensors");
        File.WriteAllText(path, "old");
        using torch.Tensor tensor = torch.ones(2);

        CheckpointException error =
            Assert.ThrowsExactly<CheckpointException>(() =>
            SafetensorsFile.Write(path, [("a", tensor), ("a", tensor)]));

        Assert.AreEqual($"'{path}': tensor 'a': expected unique names, got the same name twice.", error.Message);
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(_folder));
        Assert.AreEqual("old", File.ReadAllText(path));
    }

    [TestMethod]
    public void Write_TypeThatTheFormatLacks_IsRefused()
    {
        using torch.Tensor complex = torch.zeros(2, dtype: torch.ScalarType.ComplexFloat32);

        CheckpointException error =
            Assert.ThrowsExactly<CheckpointException>(() =>
            SafetensorsFile.Write(new MemoryStream(), [("c", complex)]));

        Assert.AreEqual(
            "'stream': tensor 'c': expected an element type of F32, F16, BF16, F64, I64, I32, I16, I8, U8, BOOL, got " +
            "ComplexFloat32.", error.Message);
    }

    [TestMethod]
    public void Open_StreamThatCannotSeek_ReadsFromItsPosition()
    {
        using torch.Tensor tensor = torch.arange(5, torch.ScalarType.Float32);
        var bytes = new MemoryStream();
        bytes.Write([9, 9, 9]);
        SafetensorsFile.Write(bytes, [("a", tensor)]);
        foreach (bool canSeek in new[] { true, false })
        {
            bytes.Position = 3;
            using SafetensorsFile file = SafetensorsFile.Open(canSeek ? bytes : new OneWayStream(bytes), "zip entry");

            using torch.Tensor read = file.Read("a");
            Assert.IsTrue(read.Equals(tensor));
            Assert.AreEqual("zip entry", file.Path);
        }
    }

    [TestMethod]
    public void Open_HeaderLongerThanTheFile_AllocatesNothing()
    {
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, SafetensorsHeader.LongestHeader);
        long before = GC.GetAllocatedBytesForCurrentThread();

        CheckpointException error =
            Assert.ThrowsExactly<CheckpointException>(() => SafetensorsFile.Open(new MemoryStream(bytes), "x"));

        Assert.AreEqual("'x': expected a safetensors file with a header length from 2 to 56, got 100000000.",
            error.Message);
        Assert.IsTrue(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [TestMethod]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"extra":{"x":[1]}}}""", null)]
    [DataRow("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        "tensor 'a': expected unique names, got a field twice.")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}x""",
        "expected a safetensors header of JSON, got what is not: ")]
    [DataRow("""{"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}}""",
        "tensor 'a': expected an array as 'shape', got a text.")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"__metadata__":{"b":"1","b":"2"}}""",
        "expected unique names, got metadata 'b' twice.")]
    [DataRow("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
        "expected a safetensors header of JSON, got what is not: ")]
    public void Open_Header_IsReadOrRefused(string header, string? message)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] bytes = [.. BitConverter.GetBytes((long)text.Length), .. text, 0, 0, 0, 0];

        if (message is null)
        {
            using SafetensorsFile file = SafetensorsFile.Open(new MemoryStream(bytes), "x");
            Assert.AreEqual(new { Offset = 8L + text.Length, Length = 4L },
                new { file.Entries["a"].Offset, file.Entries["a"].Length });
            return;
        }
        CheckpointException error =
            Assert.ThrowsExactly<CheckpointException>(() => SafetensorsFile.Open(new MemoryStream(bytes), "x"));
        StringAssert.StartsWith(error.Message, $"'x': {message}");
    }

    [TestMethod]
    public void Read_TypeThatTorchLacks_IsRefusedOnlyWhenRead()
    {
        byte[] text = """{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}"""u8.ToArray();
        using SafetensorsFile file =
            SafetensorsFile.Open(new MemoryStream([.. BitConverter.GetBytes((long)text.Length), .. text, 1, 2, 3, 4]),
            "x");

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4 }, file.ReadBytes("a"));
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => file.Read("a"));
        Assert.AreEqual(
            "'x': tensor 'a': expected a dtype that can be read (F32, F16, BF16, F64, I64, I32, I16, I8, U8, BOOL), " +
            "got 'F8_E4M3'.", error.Message);
    }

    [TestMethod]
    public void Read_LargeFile_NeedsHardlyMoreMemoryThanTheTensors()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("Memory in use is read from /proc.");
        }
        const int Count = 8;
        const long Elements = 2 << 20;
        string path = Path.Combine(_folder, "large.safetensors");
        using (torch.Tensor one = torch.ones(Elements))
        {
            SafetensorsFile.Write(path, Enumerable.Range(0, Count).Select(i => ($"t{i}", one)));
        }
        using DisposeScope scope = torch.NewDisposeScope();
        using SafetensorsFile file = SafetensorsFile.Open(path);
        // Resets the peak (proc(5), clear_refs): it must be that of reading, with what is mapped meanwhile.
        File.WriteAllText("/proc/self/clear_refs", "5");
        long before = StatusBytes("VmRSS:");

        torch.Tensor[] read = [.. Enumerable.Range(0, Count).Select(i => file.Read($"t{i}"))];

        long most = StatusBytes("VmHWM:") - before;
        long model = Count * Elements * sizeof(float);
        // No lower bound: pages that earlier tests freed may hold the tensors.
        Assert.IsTrue(most < model * 1.25, $"{most >> 20} MB for a model of {model >> 20} MB.");
        Assert.AreEqual(1f, read[^1][Elements - 1].item<float>());
    }

    private static long StatusBytes(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
            System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    private sealed class OneWayStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
