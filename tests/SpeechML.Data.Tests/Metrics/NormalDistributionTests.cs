using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Data.Tests.Metrics;

[TestClass]
public sealed class NormalDistributionTests
{
    [TestMethod]
    public void CdfAndQuantile_Middle_KnownValues()
    {
        Assert.AreEqual(0.8413447460685429, NormalDistribution.Cdf(1), 1e-15);
        Assert.AreEqual(0.15865525393145705, NormalDistribution.Cdf(-1), 1e-15);
        Assert.AreEqual(0.024997895148220435, NormalDistribution.Cdf(-1.96), 1e-15);
        Assert.AreEqual(1.959963984540054, NormalDistribution.Quantile(0.975), 1e-12);
        Assert.AreEqual(-3.090232306167813, NormalDistribution.Quantile(0.001), 1e-12);
        Assert.AreEqual(0, NormalDistribution.Quantile(0.5), 1e-12);
        Assert.AreEqual(1, NormalDistribution.Cdf(50));
        Assert.AreEqual((double.NegativeInfinity, double.PositiveInfinity),
            (NormalDistribution.Quantile(0), NormalDistribution.Quantile(1)));
        for (double p = 0.001; p < 1; p += 0.017)
        {
            Assert.AreEqual(p, NormalDistribution.Cdf(NormalDistribution.Quantile(p)), 1e-14);
        }
    }

    // Python: math.erfc(-x / math.sqrt(2)) / 2
    [TestMethod]
    [DataRow(-3, 0.0013498980316300957)]
    [DataRow(-8, 6.220960574271819e-16)]
    [DataRow(-20, 2.7536241186063314e-89)]
    [DataRow(-37, 5.725571222525139e-300)]
    public void CdfQuantileAndMass_FarTail_SmallRelativeError(double x, double share)
    {
        Assert.AreEqual(1, NormalDistribution.Cdf(x) / share, 1e-12);
        Assert.AreEqual(x, NormalDistribution.Quantile(share), 1e-11);
        Assert.AreEqual(1, NormalDistribution.Mass(-x, 40) / share, 1e-12);
        Assert.AreEqual(1, NormalDistribution.Mass(-40, x) / share, 1e-12);
    }
}
