using SpeechML.Training.Caching;

namespace SpeechML.Tests.Training;

[TestClass]
public sealed class ArrayStoreTests
{
    [TestMethod]
    public void Get_BeyondTheMemoryLimit_ComesFromTheFileAsItWas()
    {
        float[][] arrays = [[1, 2, 3], [4, 5], [6, 7, 8, 9], [10]];
        // Room for the first array and the last; the others go to the file.
        using var store = new ArrayStore(4 * sizeof(float));
        foreach (float[] array in arrays)
        {
            store.Add(array);
        }
        Assert.AreEqual(6 * sizeof(float), store.FileBytes);
        for (int i = 0; i < arrays.Length; i++)
        {
            Assert.AreEqual(arrays[i].Length, store.LengthOf(i));
            CollectionAssert.AreEqual(arrays[i], store.Get(i));
        }
    }

    [TestMethod]
    public void Add_BFloat16_HalfTheRoomAndTheSameValues()
    {
        float[] values = [1, -2.5f, 0.10009765625f, float.PositiveInfinity];
        using var store = new ArrayStore(values.Length * sizeof(ushort));
        var activation = new Activation(values, 1) { Rounding = TorchSharp.torch.ScalarType.BFloat16 };
        Assert.AreEqual(0, store.Add(activation));
        Assert.AreEqual(0, store.FileBytes);
        Assert.AreEqual(1, store.Add(activation));
        Assert.AreEqual(values.Length * sizeof(ushort), store.FileBytes);
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual(values.Length, store.LengthOf(i));
            CollectionAssert.AreEqual(values, store.Get(i));
        }
    }
}
