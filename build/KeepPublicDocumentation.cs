using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using Microsoft.Build.Utilities;
using Mono.Cecil;

/// <summary>
/// Takes out of an assembly's XML documentation what is not public: types by their name, members by theirs, so that
/// all overloads of a name stay where one of them is public.
/// </summary>
public class KeepPublicDocumentation : Task
{
    public string Assembly { get; set; }
    public string Documentation { get; set; }

    public override bool Execute()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using (AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(Assembly))
        {
            foreach (TypeDefinition type in assembly.MainModule.GetTypes().Where(IsVisible))
            {
                string name = type.FullName.Replace('/', '.');
                names.Add("T:" + name);
                names.UnionWith(type.Methods.Where(m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly)
                    .Select(m => "M:" + name + "." + m.Name.Replace('.', '#')));
                names.UnionWith(type.Fields.Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly)
                    .Select(f => "F:" + name + "." + f.Name));
                names.UnionWith(type.Properties.Where(p => IsVisible(p.GetMethod) || IsVisible(p.SetMethod))
                    .Select(p => "P:" + name + "." + p.Name.Replace('.', '#')));
                names.UnionWith(type.Events.Where(e => IsVisible(e.AddMethod))
                    .Select(e => "E:" + name + "." + e.Name));
            }
        }
        XDocument document = XDocument.Load(Documentation, LoadOptions.PreserveWhitespace);
        foreach (XElement member in document.Descendants("member").ToList())
        {
            string id = member.Attribute("name").Value;
            int end = id.IndexOfAny(new[] { '(', '~' });
            id = end < 0 ? id : id.Substring(0, end);
            int arity = id.IndexOf("``", StringComparison.Ordinal);
            if (!names.Contains(arity < 0 ? id : id.Substring(0, arity)))
            {
                member.Remove();
            }
        }
        document.Save(Documentation);
        return true;
    }

    private static bool IsVisible(TypeDefinition type) =>
        type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly)
            && IsVisible(type.DeclaringType) : type.IsPublic;

    private static bool IsVisible(MethodDefinition method) =>
        method != null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);
}
