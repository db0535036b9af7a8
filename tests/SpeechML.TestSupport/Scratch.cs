namespace SpeechML.TestSupport;

/// <summary>A folder that goes with the test.</summary>
internal sealed class Scratch : IDisposable
{
    public Scratch()
    {
        Folder = Directory.CreateTempSubdirectory("speechml-test-").FullName;
    }

    public string Folder { get; }

    public string At(string name) => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
