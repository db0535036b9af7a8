using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>
/// A folder in which the pages' code runs in moments: the repository's samples with few clips and a tiny encoder in
/// place of Whisper, and a table <c>metadata.csv</c> with the columns that pages name, beside its <c>recordings</c>.
/// </summary>
internal sealed class SmallWorld : IDisposable
{
    private const int Every = 2;
    private readonly string _before = Environment.CurrentDirectory;
    private readonly Scratch _scratch;

    public SmallWorld(Scratch scratch)
    {
        _scratch = scratch;
        string prompts = scratch.At("samples/data/prompts"), recordings = scratch.At("recordings");
        Directory.CreateDirectory(prompts);
        Directory.CreateDirectory(recordings);
        string[] table = File.ReadAllLines(Path.Combine(RepositoryFiles.Prompts, "metadata.csv"));
        string[] rows = [.. table.Skip(1)
            .Where((row, i) => i % Every == 0 && !row.Contains(",-1", StringComparison.Ordinal))];
        File.WriteAllLines(Path.Combine(prompts, "metadata.csv"), [table[0], .. rows]);
        var own = new List<string> { "file,speaker,diagnosis,hoarse,slow,severity,score" };
        foreach (string[] cells in rows.Select(r => r.Split(',')))
        {
            // The first half second of a clip is enough.
            string wav = Path.Combine(prompts, $"{cells[0]}.wav");
            MLAudio clip = MLAudio.FromFile(Path.Combine(RepositoryFiles.Prompts, $"{cells[0]}.wav"));
            MLAudio.FromSamples(clip.Samples.Span[..Math.Min(clip.Samples.Length, clip.SampleRate / 2)],
                clip.SampleRate)
                .WriteWav(wav);
            File.Copy(wav, Path.Combine(recordings, $"{cells[0]}.wav"));
            own.Add($"{cells[0]},{cells[1]},{cells[4]},{cells[5]},{cells[6]},{cells[7]},{cells[8]}");
        }
        File.WriteAllLines(scratch.At("metadata.csv"), own);
        File.Copy(Path.Combine(prompts, $"{rows[0].Split(',')[0]}.wav"), scratch.At("clip.wav"));
        string encoder = scratch.At("samples/models/whisper-base-encoder");
        Directory.CreateDirectory(encoder);
        foreach (string file in Directory.GetFiles(RepositoryFiles.TinyEncoder("whisper-80")))
        {
            File.Copy(file, Path.Combine(encoder, Path.GetFileName(file)));
        }
        Environment.CurrentDirectory = scratch.Folder;
    }

    public string At(string name) => _scratch.At(name);

    public void Dispose() => Environment.CurrentDirectory = _before;
}
