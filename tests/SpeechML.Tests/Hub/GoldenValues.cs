using System.Text.Json;

namespace SpeechML.Tests.Hub;

/// <summary>Reference values with the tolerance that their JSON says.</summary>
internal static class GoldenValues
{
    public static void AssertClose(JsonElement golden, string tolerance, float[] expected, float[] actual)
    {
        JsonElement limits = golden.GetProperty("tolerances").GetProperty(tolerance);
        double rtol = limits.GetProperty("rtol").GetDouble(), atol = limits.GetProperty("atol").GetDouble();
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], atol + (rtol * Math.Abs(expected[i])), $"value {i}");
        }
    }
}
