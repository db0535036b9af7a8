namespace SpeechML.TrainingSupport;

/// <summary>Tests of small encoders by the kernels of large ones: <see cref="SmallProducts"/> lives.</summary>
public abstract class SmallProductTests
{
    private static SmallProducts? s_small;

    [ClassInitialize(InheritanceBehavior.BeforeEachDerivedClass)]
    public static void TakeSmallProducts(TestContext context) => s_small = new SmallProducts();

    [ClassCleanup(InheritanceBehavior.BeforeEachDerivedClass)]
    public static void LeaveThem() => s_small?.Dispose();
}
