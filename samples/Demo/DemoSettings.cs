namespace Demo;

/// <summary>What the demo runs on.</summary>
internal sealed record DemoSettings(
    string AudioFolder,
    string MetadataFile,
    string Key,
    string Subject,
    string Class,
    IReadOnlyList<string> Features,
    double Threshold,
    string Encoder,
    string OutputFolder,
    int Seed);
