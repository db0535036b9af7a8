using System.Numerics;
using SpeechML.TestSupport;
using TorchSharp;
using static SpeechML.TestSupport.PickleBytes;

namespace SpeechML.Encoders.Tests.Checkpoints;

[TestClass]
public sealed class TorchPickleFileTests
{
    private static readonly byte[] s_tensor = Tensor(PickleBytes.Storage(4), [2, 2], [2, 1]);
    private static readonly (string, byte[]) s_four = ("archive/data/0", Floats(1, 2, 3, 4));

    [TestMethod]
    public void Read_TransposedTensor_IsContiguous()
    {
        using TorchPickleFile file =
            Open(Zip(Program(Dict(("w", Tensor(PickleBytes.Storage(4), [2, 2], [1, 2])))), s_four));
        using torch.Tensor tensor = file.Read("w");

        CollectionAssert.AreEqual(new float[] { 1, 3, 2, 4 }, tensor.data<float>().ToArray());
        Assert.AreEqual(16, file.Entries["w"].Length);
    }

    [TestMethod]
    public void Open_Zip64_IsRead()
    {
        byte[] bytes = ToZip64(Zip(Program(Dict(("w", s_tensor))), s_four));

        using TorchPickleFile file = Open(bytes);

        using torch.Tensor read = file.Read("w");
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, read.data<float>().ToArray());
    }

    [TestMethod]
    public void Open_NumbersInPythonsLongForm_AreNumbers()
    {
        // Python writes any count from 2^31 on as LONG1, and may write smaller ones so.
        byte[] storage = [.. Tuple(Text("storage"), Global("torch", "FloatStorage"), Text("0"), Text("cpu"), Long1(4)),
            (byte)'Q'];
        byte[] tensor = Call(Global("torch._utils", "_rebuild_tensor_v2"), storage, Long1(1), Tuple(Long1(3)),
            Tuple(Long1(1)), [0x89], OrderedDict());

        using TorchPickleFile file = Open(Zip(Program(Dict(("w", tensor))), s_four));

        using torch.Tensor read = file.Read("w");
        CollectionAssert.AreEqual(new float[] { 2, 3, 4 }, read.data<float>().ToArray());
    }

    [TestMethod]
    public void Open_LegacyViewOfStorage_ReadsThePart()
    {
        byte[] view = Tuple(Text("7"), Number(1), Number(3));
        byte[] bytes = Legacy(Program(Dict(("w", Tensor(PickleBytes.Storage(4, "5", view: view), [2], [1], first: 1)))),
            ("5", 4, Floats(1, 2, 3, 4)));

        using TorchPickleFile file = Open(bytes);

        using torch.Tensor read = file.Read("w");
        CollectionAssert.AreEqual(new float[] { 3, 4 }, read.data<float>().ToArray());
    }

    [TestMethod]
    [DataRow("state_dict")]
    [DataRow("model_state_dict")]
    [DataRow("model")]
    public void Open_NestedStateDict_IsFound(string key)
    {
        using TorchPickleFile file =
            Open(Zip(Program(Dict(("epoch", Number(3)), (key, Dict(("a.weight", s_tensor))), ("note", Text("x")))),
            s_four));

        CollectionAssert.AreEqual(new[] { "a.weight" }, file.Entries.Keys.ToArray());
    }

    [TestMethod]
    public void Open_OrderedDictOfPython2_IsRead()
    {
        byte[] pairs = [(byte)']', (byte)'(', .. Pair("w", s_tensor), (byte)'e'];

        using TorchPickleFile file = Open(Zip(Program(Call(Global("collections", "OrderedDict"), pairs)), s_four));

        CollectionAssert.AreEqual(new[] { "w" }, file.Entries.Keys.ToArray());
    }

    [TestMethod]
    public void Open_ListThatHoldsItself_IsRefused()
    {
        byte[] cyclic = [0x80, 2, (byte)']', (byte)'q', 0, (byte)'h', 0, (byte)'a', (byte)'.'];

        Refuses(Zip(cyclic), "expected a state dict (a dict of tensors), got a list of 1.");
        Refuses(Legacy(cyclic), "expected a state dict (a dict of tensors), got a list of 1.");
    }

    [TestMethod]
    [DataRow("os", "system")]
    [DataRow("torch", "load")]
    [DataRow("torch._utils", "_rebuild_sparse_tensor")]
    [DataRow("torch.storage", "_load_from_bytes")]
    [DataRow("collections", "OrderedDict.fromkeys")]
    public void Open_OtherName_IsRefusedByName(string module, string name) =>
        Refuses(Zip(Program(Global(module, name))), "expected only names that a state dict needs, "
            + $"got '{module}.{name}', which is refused (allowed are collections.OrderedDict, " +
                $"torch._utils._rebuild_tensor, torch._utils._rebuild_tensor_v2, "
            + "torch._utils._rebuild_parameter, torch.FloatStorage, torch.HalfStorage, torch.BFloat16Storage, " +
                "torch.DoubleStorage, torch.LongStorage, torch.IntStorage, "
            + "torch.ShortStorage, torch.CharStorage, torch.ByteStorage, torch.BoolStorage).");

    [TestMethod]
    [DataRow((byte)'i', "INST (0x69)")]
    [DataRow((byte)'o', "OBJ (0x6F)")]
    [DataRow((byte)0x81, "NEWOBJ (0x81)")]
    [DataRow((byte)0x92, "NEWOBJ_EX (0x92)")]
    [DataRow((byte)0x82, "EXT1 (0x82)")]
    [DataRow((byte)'P', "PERSID (0x50)")]
    [DataRow((byte)0x97, "NEXT_BUFFER (0x97)")]
    [DataRow((byte)0xFE, "0xFE")]
    public void Open_OtherOpcode_IsRefusedByName(byte opcode, string name)
    {
        byte[] pickle = Program([opcode]);
        using var reader = new MemoryStream(Legacy(pickle));
        CheckpointException error =
            Assert.ThrowsExactly<CheckpointException>(() => TorchPickleFile.Open(reader, "m.bin"));

        int at = Legacy(pickle).AsSpan().IndexOf(pickle) + 2;
        Assert.AreEqual(
            $"'m.bin': expected only pickle opcodes that a state dict needs, got opcode {name} at byte {at}, which " +
            $"is refused.", error.Message);
    }

    [TestMethod]
    public void Open_BuildOfOtherThanMetadata_IsRefused()
    {
        byte[] build = [(byte)'b'];
        byte[] good = [.. OrderedDict(), .. Dict(("_metadata", Dict())), .. build, (byte)'(', .. Text("w"), .. s_tensor,
            (byte)'u'];
        using (TorchPickleFile file = Open(Zip(Program(good), s_four)))
        {
            CollectionAssert.AreEqual(new[] { "w" }, file.Entries.Keys.ToArray());
        }
        const string Expected = "expected BUILD only for the '_metadata' of an OrderedDict, got BUILD of ";
        Refuses(Zip(Program(OrderedDict(), Dict(("__setstate__", Number(1))), build)),
            $"{Expected}a dict of 0 with '__setstate__'.");
        Refuses(Zip(Program(Dict(), Dict(("_metadata", Dict())), build)), $"{Expected}a dict of 0 with '_metadata'.");
        Refuses(Zip(Program(OrderedDict(), Text("x"), build)), $"{Expected}a dict of 0 with the text 'x'.");
    }

    [TestMethod]
    public void Open_CallOfWhatIsNoFunction_IsRefused()
    {
        Refuses(Zip(Program(Call(Global("torch", "FloatStorage"), Number(4)))),
            "expected a call of a name that a state dict needs, got a call of the storage class of F32.");
        Refuses(Zip(Program(Global("collections", "OrderedDict"), Number(1), [(byte)'R'])),
            "expected a tuple of arguments for OrderedDict, got the number 1.");
    }

    [TestMethod]
    public void Open_SizesBeyond128Bits_DoNotWrapRound()
    {
        // 64 dimensions of 2^62 with strides of 2^62 overflow any machine number.
        long[] huge = [.. Enumerable.Repeat(1L << 62, 64)];
        string numbers = string.Join(", ", huge);

        Refuses(
            Zip(Program(Dict(("w", Tensor(PickleBytes.Storage(4), huge, huge)))), s_four),
            $"expected a tensor within the 4 elements of storage '0', got size ({numbers}), stride ({numbers}) from " +
            $"element 0.");
        byte[] big = Call(Global("torch._utils", "_rebuild_tensor_v2"), PickleBytes.Storage(4),
            Long1(BigInteger.One << 64), Tuple(), Tuple(), [0x89], OrderedDict());
        Refuses(Zip(Program(Dict(("w", big))), s_four),
            "expected numbers from 0 to 2^63 - 1 as first element of a tensor, got a number of 65 bits.");
    }

    [TestMethod]
    public void Open_TensorsThatTogetherOutgrowTheFile_AreRefused()
    {
        byte[] expanded = Tensor(PickleBytes.Storage(4), [10000], [0]);
        byte[] bytes = Zip(Program(Dict([.. Enumerable.Range(0, 20).Select(i => ($"w{i}", expanded))])), s_four);

        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => Open(bytes));

        StringAssert.Contains(error.Message,
            $"expected tensors of together at most 4 times the file's {bytes.Length} bytes, got 40000 bytes for size " +
            $"(10000).");
    }

    [TestMethod]
    [DataRow("5D")]
    [DataRow("7D")]
    [DataRow("28")]
    [DataRow("2874")]
    [DataRow("4B01")]
    [DataRow("2985")]
    [DataRow("5D94")]
    [DataRow("8C0161")]
    [DataRow("7D8C01614B0173")]
    [DataRow("6374 6F7263680A 496E74 53746F72616765 0A")]
    public void Open_OpcodesThatMakeManyValuesOfFewBytes_AllocateNoMoreThanTheFileJustifies(string repeated)
    {
        byte[] unit = Convert.FromHexString(repeated.Replace(" ", "", StringComparison.Ordinal));
        byte[] bytes = Zip(Program([.. Enumerable.Repeat(unit, 200_000 / unit.Length).SelectMany(u => u)]));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.ThrowsExactly<CheckpointException>(() => Open(bytes));

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsTrue(allocated < (4 * bytes.Length) + (256 << 10), $"{allocated} bytes for a file of {bytes.Length}");
    }

    [TestMethod]
    public void Open_StorageListedButUnused_IsRefused() => Refuses(
        Legacy(Program(Dict(("w", s_tensor))), ("9", 4, Floats(1, 2, 3, 4))),
        "expected a tensor that uses storage '9', got none, so its length is not known.");

    [TestMethod]
    public void Open_LegacyStorageOfOtherLength_IsRefused() => Refuses(
        Legacy(Program(Dict(("w", s_tensor))), ("0", 3, Floats(1, 2, 3))),
        "tensor 'w': expected 4 elements of F32 in storage '0', got 12 bytes.");

    [TestMethod]
    public void Open_BytesAfterTheLastStorage_AreRefused()
    {
        byte[] whole = Legacy(Program(Dict(("w", s_tensor))), ("0", 4, Floats(1, 2, 3, 4)));

        Refuses([.. whole, 0], $"expected {whole.Length} bytes, where the last storage ends, got {whole.Length + 1}.");
    }

    [TestMethod]
    public void Open_TextAmongParameters_IsRefused() => Refuses(
        Zip(Program(Dict(("a.weight", s_tensor), ("a.bias", Text("hello")))), s_four),
        "tensor 'a.bias': expected a tensor, got the text 'hello'.");

    [TestMethod]
    public void Open_SameKeyTwice_IsRefused()
    {
        CheckpointException error =
            Assert.ThrowsExactly<CheckpointException>(() =>
            Open(Zip(Program(Dict(("w", s_tensor), ("w", s_tensor))), s_four)));

        StringAssert.EndsWith(error.Message, ", got 'w' twice.");
    }

    [TestMethod]
    public void Open_TorchScript_IsRefused() => Refuses(
        Zip(Program(Dict(("w", s_tensor))), s_four, ("archive/constants.pkl", [])),
        "expected a state dict, got a TorchScript archive, which holds code.");

    [TestMethod]
    public void Open_FileThatIsNotThere_SaysSo()
    {
        CheckpointException error =
            Assert.ThrowsExactly<CheckpointException>(() => TorchPickleFile.Open("no-such-file.bin"));

        Assert.AreEqual("'no-such-file.bin': expected a checkpoint file, got nothing: there is no such file.",
            error.Message);
    }

    [TestMethod]
    public void Read_UnknownName_SaysSo()
    {
        using TorchPickleFile file = Open(Zip(Program(Dict(("w", s_tensor))), s_four));

        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => file.Read("v"));

        Assert.AreEqual("'m.bin': tensor 'v': expected a tensor of this name, got none among its 1.", error.Message);
    }

    private static byte[] Pair(string key, byte[] value) => [(byte)']', (byte)'(', .. Text(key), .. value, (byte)'e'];

    private static TorchPickleFile Open(byte[] bytes) => TorchPickleFile.Open(new MemoryStream(bytes), "m.bin");

    private static void Refuses(byte[] bytes, string message)
    {
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => Open(bytes));
        Assert.AreEqual($"'m.bin': {message}", error.Message);
    }
}
