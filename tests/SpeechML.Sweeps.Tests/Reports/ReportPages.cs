using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SpeechML.Sweeps.Tests.Reports;

/// <summary>What every page must be.</summary>
internal static partial class ReportPages
{
    public static void AssertFigures(string folder, string html, string[] expected)
    {
        CollectionAssert.AreEquivalent(expected, FigureIds(html));
        string[] files = Directory.Exists(Path.Combine(folder, "figures"))
            ? [.. Directory.GetFiles(Path.Combine(folder, "figures")).Select(f => Path.GetFileName(f)!)] : [];
        CollectionAssert.AreEquivalent(expected.SelectMany(id => new[] { id + ".png", id + ".svg" }).ToArray(), files);
        foreach (string png in files.Where(f => f.EndsWith(".png", StringComparison.Ordinal))
            .Select(f => Path.Combine(folder, "figures", f)))
        {
            CollectionAssert.AreEqual(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' },
                File.ReadAllBytes(png)[..4]);
        }
        AssertPage(html);
    }

    /// <summary>One file that is well formed and needs no other.</summary>
    public static void AssertPage(string html)
    {
        // The whole page is XML but for what HTML writes shorter.
        string xml = Void().Replace(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal), "$1/>")
            .Replace("audio controls ", "audio ", StringComparison.Ordinal)
            .Replace("<details open>", "<details>", StringComparison.Ordinal);
        xml = Regex.Replace(xml, "(?s)<script>.*?</script>", "");
        XDocument page = XDocument.Parse(xml);
        string[] ids = [.. page.Descendants().Select(e => e.Attribute("id")?.Value).OfType<string>()];
        CollectionAssert.AllItemsAreUnique(ids);
        foreach (Match used in Regex.Matches(html, @"url\(#([^)]+)\)"))
        {
            CollectionAssert.Contains(ids, used.Groups[1].Value);
        }
        Assert.DoesNotMatchRegex(new Regex(@"(?<!xmlns(?::\w+)?="")https?://"), html);
        Assert.IsFalse(page.Descendants().SelectMany(e => e.Attributes())
            .Any(a => a.Name.LocalName is "src" or "href" && !a.Value.StartsWith("data:", StringComparison.Ordinal)
            && !a.Value.StartsWith('#')), "A reference to another file.");
    }

    public static string[] FigureIds(string html) => [.. FigureId().Matches(html).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("<figure id=\"([^\"]+)\"")]
    private static partial Regex FigureId();

    [GeneratedRegex("(<meta [^>]*)>")]
    private static partial Regex Void();
}
