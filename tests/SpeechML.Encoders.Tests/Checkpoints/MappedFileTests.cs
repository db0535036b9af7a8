using System.Diagnostics;
using SpeechML.Encoders.Checkpoints.Mapping;
using SpeechML.TestSupport;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>Tensors that lie in their file, whatever happens to the file meanwhile.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class MappedFileTests
{
    private const string Large = "large";

    [TestMethod]
    public void TryMap_LargeTensor_IsAnAlignedPartOfTheFile()
    {
        using var scratch = new Scratch();
        using Tensor values = Values();
        string path = Write(scratch, values);
        Tensor? mapped;
        using (SafetensorsFile file = Open(path))
        {
            mapped = file.TryMap(Large);
            Assert.IsNotNull(mapped);
            Assert.IsNull(file.TryMap("small"), "small ones are copied");
            Assert.AreEqual(0L, file.Entries[Large].Offset % MappedTensors.Alignment);
        }
        Assert.IsTrue(IsMapped(path), "a tensor outlives the file that it was opened from");
        AssertSame(values, mapped);
        mapped.Dispose();
        Assert.IsFalse(IsMapped(path), "with its last tensor the file is unmapped");
    }

    [TestMethod]
    public void Write_ToMappedTensor_StaysInThisProcess()
    {
        using var scratch = new Scratch();
        using Tensor values = Values();
        string path = Write(scratch, values);
        byte[] before = File.ReadAllBytes(path);
        using SafetensorsFile file = Open(path);
        using Tensor mapped = file.TryMap(Large)!;
        _ = mapped.fill_(7);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        using Tensor other = file.Read(Large);
        AssertSame(values, other);
    }

    [TestMethod]
    [DataRow("rm FILE")]
    [DataRow("head -c 300000 /dev/zero > other && mv other FILE")]
    [DataRow(": > FILE")]
    [DataRow("truncate -s 100 FILE || { sleep 0.5; truncate -s 100 FILE; }")] // does not wait, and is told so
    [DataRow("dd if=/dev/zero of=FILE bs=1024 count=200 conv=notrunc")]
    public void TryMap_FileChangedByAnotherProcess_KeepsItsValues(string command)
    {
        using var scratch = new Scratch();
        using Tensor values = Values();
        string path = Write(scratch, values);
        using SafetensorsFile file = Open(path);
        using Tensor mapped = file.TryMap(Large)!;
        var clock = Stopwatch.StartNew();
        Shell(scratch.Folder, command.Replace("FILE", Path.GetFileName(path), StringComparison.Ordinal));
        Assert.IsLessThan(10, clock.Elapsed.TotalSeconds, "whoever writes does not wait for long");
        AssertSame(values, mapped);
    }

    [TestMethod]
    public void TryMap_FileWrittenOverByThisProcess_KeepsItsValues()
    {
        using var scratch = new Scratch();
        using Tensor values = Values();
        string path = Write(scratch, values);
        using SafetensorsFile first = SafetensorsFile.Open(path), second = SafetensorsFile.Open(path);
        using Tensor one = first.TryMap(Large)!, two = second.TryMap(Large)!;
        first.Dispose(); // an open file of .NET's would refuse the writer by itself
        second.Dispose();
        using (FileStream written = File.Create(path))
        {
            written.Write(new byte[10]);
        }
        Assert.IsFalse(IsMapped(path));
        AssertSame(values, one);
        AssertSame(values, two);
        _ = one.fill_(1);
        AssertSame(values, two);
    }

    [TestMethod]
    [DoNotParallelize]
    public void TryMap_FileWrittenOverWhileTheThreadPoolIsFull_WriterDoesNotWaitForIt()
    {
        using var scratch = new Scratch();
        using Tensor values = Values();
        string path = Write(scratch, values);
        SafetensorsFile file = SafetensorsFile.Open(path);
        using Tensor mapped = file.TryMap(Large)!;
        file.Dispose();
        ThreadPool.GetMaxThreads(out int workers, out int ports);
        ThreadPool.GetMinThreads(out int least, out _);
        using var end = new ManualResetEventSlim();
        using var ended = new CountdownEvent(4 * least);
        try
        {
            Assert.IsTrue(ThreadPool.SetMaxThreads(Math.Max(least, Environment.ProcessorCount), ports));
            for (int i = 0; i < ended.InitialCount; i++)
            {
                _ = ThreadPool.UnsafeQueueUserWorkItem(_ =>
                {
                    end.Wait();
                    _ = ended.Signal();
                }, null);
            }
            var writer = new Thread(() => File.WriteAllBytes(path, new byte[10]));
            writer.Start();
            Assert.IsTrue(writer.Join(TimeSpan.FromSeconds(8)));
        }
        finally
        {
            end.Set();
            _ = ThreadPool.SetMaxThreads(workers, ports);
            ended.Wait();
        }
        AssertSame(values, mapped);
    }

    [TestMethod]
    public void TryMap_FileThatIsBeingWritten_IsReadInstead()
    {
        using var scratch = new Scratch();
        using Tensor values = Values();
        string path = Write(scratch, values);
        using var writer = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using FileStream reader = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using SafetensorsFile file = SafetensorsFile.OpenPart(reader.SafeFileHandle, 0, reader.Length, "weights");
        Assert.IsNull(file.TryMap(Large));
        using Tensor read = file.Read(Large);
        AssertSame(values, read);
    }

    [TestMethod]
    public void TryMap_TensorsOfOddSizes_ComeLastSoThatOthersLieAligned()
    {
        using var scratch = new Scratch();
        string path = scratch.At("odd.bin");
        using Tensor values = Values(), odd = ones(5), half = ones(33, dtype: ScalarType.Float16);
        using (FileStream stream = File.Create(path))
        {
            stream.Write(new byte[128]);
            SafetensorsFile.WriteAligned(
                stream, [("a.odd", odd), (Large, values), ("half", half), ("z.large", values)]);
        }
        using FileStream opened = File.OpenRead(path);
        using SafetensorsFile file =
            SafetensorsFile.OpenPart(opened.SafeFileHandle, 128, opened.Length - 128, "weights");
        using Tensor first = file.TryMap(Large)!, second = file.TryMap("z.large")!, small = file.Read("a.odd");
        AssertSame(values, first);
        AssertSame(values, second);
        AssertSame(odd, small);
    }

    private static Tensor Values()
    {
        using var generator = new Generator(3);
        return randn([300, 256], generator: generator);
    }

    private static string Write(Scratch scratch, Tensor values)
    {
        string path = scratch.At("weights.safetensors");
        using Tensor small = ones(4);
        using FileStream stream = File.Create(path);
        SafetensorsFile.WriteAligned(stream, [(Large, values), ("small", small)]);
        return path;
    }

    private static SafetensorsFile Open(string path) => SafetensorsFile.Open(path);

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        using Tensor equal = actual.eq(expected).all();
        Assert.IsTrue(equal.item<bool>());
    }

    private static bool IsMapped(string path) =>
        File.ReadLines("/proc/self/maps").Any(line => line.Contains(path, StringComparison.Ordinal));

    private static void Shell(string folder, string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
        })!;
        string said = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        Assert.AreEqual(0, shell.ExitCode, said);
    }
}
