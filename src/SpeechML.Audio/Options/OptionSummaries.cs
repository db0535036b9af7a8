using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SpeechML.Audio.Options;

/// <summary>
/// The summaries of options, from the XML documentation that the compiler writes beside the assembly, so that no
/// option is described twice.
/// </summary>
internal static partial class OptionSummaries
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> s_documents = new();

    /// <summary>The summary as one line; empty where there is none.</summary>
    public static string Of(PropertyInfo property)
    {
        Dictionary<string, XElement> document = s_documents.GetOrAdd(property.DeclaringType!.Assembly, Read);
        string name = $"P:{property.DeclaringType.FullName}.{property.Name}";
        if (!document.TryGetValue(name, out XElement? member))
        {
            return "";
        }
        if (member.Element("inheritdoc")?.Attribute("cref")?.Value is { } inherited)
        {
            member = document.GetValueOrDefault(inherited, member);
        }
        return member.Element("summary") is { } summary ? Blanks().Replace(Text(summary), " ").Trim() : "";
    }

    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        string file = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        return File.Exists(file)
            ? XDocument.Load(file).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value,
                StringComparer.Ordinal)
            : [];
    }

    private static string Text(XElement element)
    {
        var text = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "see" } see => see.Attribute("langword")?.Value
                    ?? see.Attribute("cref")?.Value.Split('.', '(')[^1] ?? see.Value,
                XElement { Name.LocalName: "paramref" } name => name.Attribute("name")!.Value,
                XElement other => Text(other),
                _ => "",
            });
        }
        return text.ToString();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
