using SpeechML.Encoders.Blocks;

namespace SpeechML.Tests;

/// <summary>The encoders of the tests are so small that all their products would be left to torch: here the fast ones take everything, wherever the processor has them.</summary>
[TestClass]
public static class FastPathsOn
{
    [AssemblyInitialize]
    public static void TakeSmallProducts(TestContext context) => MatrixProducts.Fewest = 0;
}
