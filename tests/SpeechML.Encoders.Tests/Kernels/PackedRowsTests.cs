using SpeechML.Encoders.Kernels;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Kernels;

/// <summary>Products of more rows than are wanted: the wanted ones are the same to the bit.</summary>
[TestClass]
public sealed class PackedRowsTests : OneDnnTests
{
    [TestMethod]
    [DataRow(149, 96, ScalarType.Float32)]
    [DataRow(149, 3072, ScalarType.Float32)]
    [DataRow(149, 96, ScalarType.BFloat16)]
    [DataRow(83, 96, ScalarType.Float32)]
    public void Linear_MoreRows_WantedOnesToTheBit(int rows, int outputs, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        using Generator generator = manual_seed(1);
        Tensor input = randn(1, rows, 64).to(type), bias = randn(outputs).to(type);
        Tensor weight = OneDnn.Pack(randn(outputs, 64).to(type))!;
        Assert.AreNotEqual(rows, PackedRows.Of(rows, outputs, type, get_num_threads()));
        Tensor got = PackedRows.Linear(input, weight, bias, gelu: true)!;
        CollectionAssert.AreEqual(new long[] { 1, rows, outputs }, got.shape);
        Assert.IsTrue(got.is_contiguous());
        Assert.IsTrue(got.equal(OneDnn.Linear(input, weight, bias, gelu: true)!).all().item<bool>());
    }

    [TestMethod]
    [DataRow(49, 768, ScalarType.Float32, 2, 49)] // few rows are done well
    [DataRow(149, 768, ScalarType.Float32, 2, 152)]
    [DataRow(152, 768, ScalarType.Float32, 2, 152)]
    [DataRow(149, 3072, ScalarType.Float32, 2, 168)]
    [DataRow(149, 3072, ScalarType.Float32, 1, 152)]
    [DataRow(149, 3072, ScalarType.BFloat16, 2, 152)]
    [DataRow(499, 768, ScalarType.Float32, 2, 499)]
    public void Of_Rows_WhatIsDoneWell(int rows, int outputs, ScalarType type, int threads, int expected) =>
        Assert.AreEqual(expected, PackedRows.Of(rows, outputs, type, threads));
}
