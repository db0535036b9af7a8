using System.Diagnostics;
using System.Reflection;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>The code of all pages, compiled by the SDK's compiler in one go.</summary>
internal static class PageAssembly
{
    /// <summary>What stands before every page's code.</summary>
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.ML;
        global using Microsoft.ML.Data;
        global using SpeechML;
        """;

    /// <summary>What blocks use that they do not make.</summary>
    private static string Given =>
        Path.Combine(RepositoryFiles.Root, "tests", "SpeechML.Sweeps.Tests", "Documents", "Given.txt");

    /// <summary>Compiles the blocks.</summary>
    /// <returns>The errors, each with page and line; the path of the assembly where there are none.</returns>
    public static (string[] Errors, string Path) Compile(IReadOnlyList<CodeBlock> blocks, Scratch scratch)
    {
        string source = scratch.At("source"), path = scratch.At("Pages.dll");
        Directory.CreateDirectory(source);
        File.WriteAllText(Path.Combine(source, "Usings.cs"), Usings);
        File.Copy(Given, Path.Combine(source, "Given.cs"));
        foreach (IGrouping<string, CodeBlock> page in blocks.GroupBy(b => b.Page))
        {
            File.WriteAllText(
                Path.Combine(source, Namespace(page.Key) + ".cs"), CodeBlock.Source([.. page], Namespace(page.Key)));
        }
        var assemblies = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        File.WriteAllLines(scratch.At("pages.rsp"),
        [
            "-nologo", "-target:library", $"-out:\"{path}\"", "-langversion:14.0", "-nullable:enable", "-optimize-",
            "-nowarn:CS1591,CS0219,CS1998,CS8321,CS0168", "-debug:embedded",
            .. assemblies.Split(Path.PathSeparator).Where(a => a.EndsWith(".dll", StringComparison.Ordinal))
                // The page about text uses a package that only its sample has.
                .Append(Path.Combine(
                    Path.GetDirectoryName(RepositoryFiles.SpeechAndText)!, "Microsoft.ML.TorchSharp.dll"))
                .Select(a => $"-reference:\"{a}\""),
            .. Directory.GetFiles(source).Select(f => $"\"{f}\""),
        ]);
        string compiler = Path.Combine(RepositoryFiles.Sdk, "Roslyn", "bincore", "csc.dll");
        var start = new ProcessStartInfo("dotnet", [compiler, "-noconfig", $"@{scratch.At("pages.rsp")}"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = RepositoryFiles.Root,
        };
        using Process process = Process.Start(start)!;
        string[] said = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        return ([.. said.Where(l => l.Contains(": error ", StringComparison.Ordinal)).Distinct()], path);
    }

    /// <summary>Runs a block in the present folder; gives what it wrote to the console.</summary>
    public static string Run(string assembly, CodeBlock block)
    {
        Type type = Assembly.LoadFrom(assembly).GetType($"{Namespace(block.Page)}.{block.ClassName}", true)!;
        TextWriter console = Console.Out;
        using var written = new StringWriter { NewLine = "\n" };
        Console.SetOut(written);
        try
        {
            var run = (Task)type.GetMethod("Run")!.Invoke(
                Activator.CreateInstance(type), BindingFlags.DoNotWrapExceptions, null, [], null)!;
            run.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{block.Page}({block.Line}): {e}", e);
        }
        finally
        {
            Console.SetOut(console);
        }
        return written.ToString();
    }

    private static string Namespace(string page) =>
        "Page_" + string.Concat(page.Select(c => char.IsLetterOrDigit(c) ? c : '_'));
}
