using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.TrainingSupport;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Kernels;

/// <summary>Weights of an encoder that lie in its folder's file until somebody needs memory of their own.</summary>
[TestClass]
[DoNotParallelize]
[OSCondition(OperatingSystems.Linux)]
public sealed class LentWeightTests
{
    private static (string, JsonNode?)[] Wide =>
        [("hidden_size", 128), ("intermediate_size", 512), ("num_attention_heads", 4)];

    private readonly List<string> _folders = [];

    [TestCleanup]
    public void DeleteFolders() => _folders.ForEach(f => Directory.Delete(f, recursive: true));

    [TestMethod]
    public void Load_Folder_WeightsLieInTheFileAndScoreToTheBit()
    {
        string folder = Folder();
        using SpeechEncoder read = LoadRead(folder), lent = EncoderLoader.Load(folder);
        Assert.IsTrue(Maps(lent).Any(p => p.IsLent));
        Assert.IsFalse(Maps(read).Any(p => p.IsLent));
        Assert.IsGreaterThan(1500, Sizes(folder, "Size"));
        Assert.IsLessThan(300, Sizes(folder, "Rss"), "what was checked is let go until it is read");
        CollectionAssert.AreEqual(Last(read), Last(lent));
        CollectionAssert.AreEqual(Last(read), Last(lent));
        Assert.AreEqual(0, Sizes(folder, "Anonymous"), "nothing was written to the file's pages");
    }

    [TestMethod]
    public void Encode_WeightsPacked_FilesPagesAreLetGo()
    {
        if (!OneDnn.CanPack)
        {
            Assert.Inconclusive("libtorch's oneDNN is not used on this processor.");
        }
        string folder = Folder();
        using SpeechEncoder encoder = EncoderLoader.Load(folder);
        _ = Last(encoder);
        // Of 1.5 MB; pages at borders are neighbours' too, and maps of 64 KB are not packed.
        Assert.IsLessThan(800, Sizes(folder, "Rss"));
        foreach (PackedWeight map in Maps(encoder).Where(m => m.IsPacked))
        {
            Assert.IsFalse(map.IsLent);
        }
    }

    [TestMethod]
    public void UsePrecision_BFloat16_FilesPagesAreLetGoAndValuesStay()
    {
        string folder = Folder();
        using SpeechEncoder read = LoadRead(folder), lent = EncoderLoader.Load(folder);
        read.UsePrecision(SpeechPrecision.BFloat16);
        lent.UsePrecision(SpeechPrecision.BFloat16);
        CollectionAssert.AreEqual(Last(read), Last(lent));
        Assert.IsLessThan(300, Sizes(folder, "Rss"));
        read.UsePrecision(SpeechPrecision.Float32);
        lent.UsePrecision(SpeechPrecision.Float32);
        CollectionAssert.AreEqual(Last(read), Last(lent));
    }

    [TestMethod]
    public void Parameters_TakenByACaller_AreMemoryThatMayBeWritten()
    {
        string folder = Folder();
        byte[] file = File.ReadAllBytes(Path.Combine(folder, "model.safetensors"));
        using SpeechEncoder read = LoadRead(folder), lent = EncoderLoader.Load(folder);
        Parameter[] kept = [.. lent.parameters()];
        Assert.IsFalse(Maps(lent).Any(p => p.IsLent));
        Assert.AreEqual(0, Sizes(folder, "Size"), "the file is unmapped");
        using (no_grad())
        {
            foreach (Parameter parameter in kept.Concat(read.parameters()))
            {
                _ = parameter.mul_(1.1.ToScalar());
            }
        }
        CollectionAssert.AreEqual(Last(read), Last(lent));
        CollectionAssert.AreEqual(file, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [TestMethod]
    public void KeepLearning_WeightsThatLearn_AreMemory()
    {
        using SpeechEncoder encoder = EncoderLoader.Load(Folder());
        using (WeightAccess.Begin())
        {
            foreach ((string name, Parameter parameter) in encoder.named_parameters())
            {
                parameter.requires_grad = name.Contains("layers.1", StringComparison.Ordinal);
            }
        }
        EncoderPrecision.KeepLearning(encoder);
        foreach (Projection map in encoder.modules().OfType<Projection>())
        {
            Assert.IsFalse(map.WeightForm.requires_grad && map.Packed!.IsLent);
        }
        Assert.IsTrue(Maps(encoder).Any(m => m.IsLent), "what is frozen stays where it is");
    }

    [TestMethod]
    public void Gradients_ThroughLentWeights_ToTheBit()
    {
        string folder = Folder();
        using SpeechEncoder read = LoadRead(folder), lent = EncoderLoader.Load(folder);
        float[] Gradient(SpeechEncoder encoder)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor hidden;
            long[] lengths;
            using (no_grad())
            {
                (hidden, lengths) = encoder.Embed(encoder.Prepare([TinyEncoders.Clip(4001, 1)]));
            }
            Tensor input = hidden.detach().requires_grad_();
            encoder.RunLayers(input, lengths).LastHiddenState!.pow(2.0.ToScalar()).sum().backward();
            return input.grad!.data<float>().ToArray();
        }
        CollectionAssert.AreEqual(Gradient(read), Gradient(lent));
    }

    [TestMethod]
    [DataRow(": > model.safetensors")]
    [DataRow("rm model.safetensors")]
    public void Encode_FileChangedSinceItWasLoaded_AsBefore(string command)
    {
        string folder = Folder();
        using SpeechEncoder read = LoadRead(folder), lent = EncoderLoader.Load(folder);
        using (Process shell = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = folder })!)
        {
            shell.WaitForExit();
            Assert.AreEqual(0, shell.ExitCode);
        }
        CollectionAssert.AreEqual(Last(read), Last(lent));
    }

    [TestMethod]
    public void UsePrecision_FileWrittenOverBefore_RoundsTheValuesOfOld()
    {
        string folder = Folder();
        using SpeechEncoder read = LoadRead(folder), lent = EncoderLoader.Load(folder);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), new byte[10]);
        foreach (SpeechPrecision precision in new[] { SpeechPrecision.BFloat16, SpeechPrecision.Float32 })
        {
            read.UsePrecision(precision);
            lent.UsePrecision(precision);
            CollectionAssert.AreEqual(Last(read), Last(lent));
        }
    }

    [TestMethod]
    public void Take_WhilePlainProductsRun_TheyReadTheFile()
    {
        string folder = Folder();
        using SpeechEncoder encoder = EncoderLoader.Load(folder);
        Projection map = encoder.modules().OfType<Projection>().First(m => m.Packed!.IsLent);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        using (map.Packed!.BeginPlain())
        {
            Tensor before = map.WeightForm.clone();
            _ = map.parameters().ToArray();
            Assert.IsFalse(map.Packed.IsLent);
            Assert.IsTrue(map.WeightForm.eq(before).all().item<bool>());
        }
        foreach (Projection other in encoder.modules().OfType<Projection>())
        {
            _ = other.parameters().ToArray();
        }
        Assert.AreEqual(0, Sizes(folder, "Size"), "nothing holds the file any more");
    }

    [TestMethod]
    [DataRow("F16")]
    [DataRow("BF16")]
    public void CopyTo_HalfPrecision_AsReadAndTheFileIsUnmapped(string type)
    {
        ScalarType half = type == "F16" ? ScalarType.Float16 : ScalarType.BFloat16;
        using DisposeScope scope = NewDisposeScope();
        string folder = Directory.CreateTempSubdirectory("speechml-").FullName;
        _folders.Add(folder);
        string path = Path.Combine(folder, "half.safetensors");
        Tensor values = rand(300, 257).to(half), read = empty(300, 257), mapped = empty(300, 257);
        SafetensorsFile.Write(path, [("w", values)]);
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            file.CopyTo("w", mapped);
            FastPaths.Mapping = false;
            try
            {
                using SafetensorsFile other = SafetensorsFile.Open(path);
                other.CopyTo("w", read);
            }
            finally
            {
                FastPaths.Mapping = true;
            }
        }
        Assert.IsTrue(mapped.eq(read).all().item<bool>());
        Assert.IsTrue(mapped.eq(values.to(ScalarType.Float32)).all().item<bool>());
        Assert.AreEqual(0, Sizes(folder, "Size"));
    }

    private string Folder()
    {
        JsonElement config = TinyEncoders.Config("hubert", Wide);
        using SpeechEncoder made = EncoderLoader.Create(config);
        TinyEncoders.FillAtRandom(made);
        string folder = TinyEncoders.WriteFolder(made, config);
        _folders.Add(folder);
        return folder;
    }

    private static SpeechEncoder LoadRead(string folder)
    {
        FastPaths.Mapping = false;
        try
        {
            return EncoderLoader.Load(folder);
        }
        finally
        {
            FastPaths.Mapping = true;
        }
    }

    private static IEnumerable<PackedWeight> Maps(SpeechEncoder encoder) =>
        encoder.modules().OfType<ProductModule>().Select(m => m.Packed).OfType<PackedWeight>();

    private static float[] Last(SpeechEncoder encoder)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        return encoder.Encode(encoder.Prepare([TinyEncoders.Clip(4001, 1)])).LastHiddenState!.to(ScalarType.Float32)
            .contiguous().data<float>().ToArray();
    }

    /// <summary>What the kernel says of this process's mappings of a folder's files, in kB.</summary>
    private static int Sizes(string folder, string field)
    {
        bool isInside = false;
        int sum = 0;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string name = line.Split(' ', 2)[0];
            if (!name.EndsWith(':'))
            {
                isInside = line.Contains(folder, StringComparison.Ordinal);
            }
            else if (isInside && name == field + ":")
            {
                sum += int.Parse(line[name.Length..^2], CultureInfo.InvariantCulture);
            }
        }
        return sum;
    }
}
