using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Mono.Cecil;

/// <summary>
/// Writes a compile-time copy of an assembly in which everything that is internal is public and methods have no bodies.
/// </summary>
public class PublicizeAssembly : Task
{
    public string Source { get; set; }
    public string Destination { get; set; }
    public ITaskItem[] SearchFolders { get; set; }

    public override bool Execute()
    {
        if (File.Exists(Destination) && File.GetLastWriteTimeUtc(Destination) >= File.GetLastWriteTimeUtc(Source))
        {
            return true;
        }
        var resolver = new DefaultAssemblyResolver();
        foreach (ITaskItem folder in SearchFolders)
        {
            resolver.AddSearchDirectory(folder.ItemSpec);
        }
        using (AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(
            Source, new ReaderParameters { AssemblyResolver = resolver }))
        {
            foreach (TypeDefinition type in assembly.MainModule.GetTypes())
            {
                Publicize(type);
            }
            Directory.CreateDirectory(Path.GetDirectoryName(Destination));
            string temporary = Destination + ".tmp";
            assembly.Write(temporary);
            if (File.Exists(Destination))
            {
                File.Delete(Destination);
            }
            File.Move(temporary, Destination);
        }
        return true;
    }

    private static void Publicize(TypeDefinition type)
    {
        if (type.IsNested)
        {
            if (type.IsNestedAssembly || type.IsNestedFamilyOrAssembly)
            {
                type.IsNestedPublic = true;
            }
            else if (type.IsNestedFamilyAndAssembly)
            {
                type.IsNestedFamily = true;
            }
        }
        else if (type.IsNotPublic)
        {
            type.IsPublic = true;
        }
        foreach (MethodDefinition method in type.Methods)
        {
            if (method.IsAssembly)
            {
                method.IsPublic = true;
            }
            else if (method.IsFamilyAndAssembly || method.IsFamilyOrAssembly)
            {
                // protected, so that an override outside the assembly may say "protected override".
                method.IsFamily = true;
            }
            // Lets a type outside the assembly override a method that was internal.
            method.IsCheckAccessOnOverride = false;
            if (method.HasBody)
            {
                method.Body = new Mono.Cecil.Cil.MethodBody(method);
                method.Body.Instructions.Add(Mono.Cecil.Cil.Instruction.Create(Mono.Cecil.Cil.OpCodes.Ldnull));
                method.Body.Instructions.Add(Mono.Cecil.Cil.Instruction.Create(Mono.Cecil.Cil.OpCodes.Throw));
            }
        }
        foreach (FieldDefinition field in type.Fields)
        {
            if (field.IsAssembly)
            {
                field.IsPublic = true;
            }
            else if (field.IsFamilyAndAssembly || field.IsFamilyOrAssembly)
            {
                field.IsFamily = true;
            }
        }
    }
}
