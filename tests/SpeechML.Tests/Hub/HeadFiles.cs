using SpeechML.TestSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Hub;

/// <summary>Weight files that are changed on purpose.</summary>
internal static class HeadFiles
{
    /// <summary>Writes a file again with other tensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="change">Gives the tensor of a name; <see langword="null"/> leaves it out.</param>
    public static void Rewrite(string path, Func<string, Tensor, Tensor?> change) =>
        Write(path, (name, tensor) => change(name, tensor) is { } other ? [(name, other)] : []);

    /// <summary>Gives a tensor another name; where it is kept, also its own.</summary>
    public static void Rename(string path, string from, string to, bool keep) => Write(path, (name, tensor) =>
        name != from ? [(name, tensor)] : keep ? [(name, tensor), (to, tensor)] : [(to, tensor)]);

    /// <summary>Writes the tensors of a file as <c>torch.save</c> does, in its place.</summary>
    /// <param name="path">The safetensors file.</param>
    /// <param name="bin">The new file.</param>
    /// <param name="legacy">In the format before torch 1.6.</param>
    public static void ToBin(string path, string bin, bool legacy)
    {
        using (DisposeScope scope = NewDisposeScope())
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            (string Name, Tensor Tensor)[] tensors =
                [.. file.Entries.Keys.Select(name => (name, file.Read(name).contiguous()))];
            byte[] pickle = PickleBytes.Program(PickleBytes.Dict([.. tensors.Select((t, k) => (t.Name,
                PickleBytes.Tensor(
                    PickleBytes.Storage(t.Tensor.numel(), $"{k}",
                        t.Tensor.dtype == ScalarType.Int64 ? "LongStorage" : "FloatStorage"),
                    t.Tensor.shape, t.Tensor.stride())))]));
            byte[][] contents = [.. tensors.Select(t => t.Tensor.bytes.ToArray())];
            File.WriteAllBytes(bin, legacy
                ? PickleBytes.Legacy(pickle, [.. tensors.Select((t, k) => ($"{k}", t.Tensor.numel(), contents[k]))])
                : PickleBytes.Zip(pickle, [.. contents.Select((c, k) => ($"archive/data/{k}", c))]));
        }
        File.Delete(path);
    }

    private static void Write(string path, Func<string, Tensor, IEnumerable<(string Name, Tensor Tensor)>> change)
    {
        using DisposeScope scope = NewDisposeScope();
        List<(string Name, Tensor Tensor)> tensors;
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            tensors = [.. file.Entries.Keys.SelectMany(name => change(name, file.Read(name)))];
        }
        File.Delete(path);
        SafetensorsFile.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt" });
    }
}
