
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Encoders.Tests;

[TestClass]
public sealed class EncoderLocationTests : IDisposable
{
    private readonly Scratch _cache = new();

    public void Dispose() => _cache.Dispose();

    [TestMethod]
    public void Find_ExistingFolder_IsItself()
    {
        using var hub = new FakeHub();
        using EncoderLocation location = EncoderLocation.Find(_cache.Folder, Options(hub));
        Assert.AreEqual(_cache.Folder, location.Folder);
        Assert.IsNull(location.HubId);
        Assert.IsNull(location.Commit);
        Assert.IsEmpty(hub.Hub.Requests);
    }

    [TestMethod]
    [DataRow(FakeHub.Id)]
    [DataRow(FakeHub.Id + "@main")]
    [DataRow(FakeHub.Id + "@" + FakeHub.Commit)]
    [DataRow(FakeHub.Id + "@refs/pr/7")]
    public void Find_HubId_DownloadsAnEncoderThatLoads(string name)
    {
        using SpeechEncoder expected = TinyEncoders.Create("hubert");
        using FakeHub hub = Hub(expected);
        var progress = new Reports();

        using EncoderLocation location = EncoderLocation.Find(name, Options(hub), progress, CancellationToken.None);

        Assert.AreEqual(FakeHub.Id, location.HubId);
        Assert.AreEqual(FakeHub.Commit, location.Commit);
        Assert.AreEqual(Path.Combine(_cache.Folder, "models--org--tiny", "snapshots", FakeHub.Commit), location.Folder);
        Assert.IsTrue(progress.Seen.Any(p => p.File == "model.safetensors" && p.Bytes == p.TotalBytes));
        using SpeechEncoder loaded = EncoderLoader.Load(location.Folder);
        CollectionAssert.AreEqual(
            GoldenTensors.ToFloats(expected.state_dict()["encoder.layer_norm.weight"]),
            GoldenTensors.ToFloats(loaded.state_dict()["encoder.layer_norm.weight"]));
    }

    [TestMethod]
    [DataRow("wavlm-base", "microsoft/wavlm-base", "main")]
    [DataRow("Whisper-Base@v1.0", "openai/whisper-base", "v1.0")]
    public void Find_ShortName_AsksForItsHubId(string name, string id, string revision)
    {
        using var hub = new FakeHub();
        HubException error = Assert.ThrowsExactly<HubException>(() => EncoderLocation.Find(name, Options(hub)));
        Assert.AreEqual($"/api/models/{id}/revision/{revision}", hub.Hub.Requests.Single().Path);
        StringAssert.StartsWith(error.Message, $"Hub model '{id}' at '{revision}': ");
    }

    [TestMethod]
    public void Find_IdThatTheHubHasNot_SaysThatThereIsNoFolderEither()
    {
        using var hub = new FakeHub();
        HubException error = Assert.ThrowsExactly<HubException>(() =>
            EncoderLocation.Find("models/mine", Options(hub)));
        Assert.AreEqual($"Encoder 'models/mine': there is no folder of this name. {error.InnerException!.Message}",
            error.Message);
        Assert.AreEqual(System.Net.HttpStatusCode.NotFound, error.StatusCode);
    }

    [TestMethod]
    [DataRow("wavlm-bse")]
    [DataRow("/no/such/folder")]
    [DataRow("./models/mine")]
    [DataRow("a/b/c")]
    [DataRow("C:\\models\\mine")]
    [DataRow("wavlm-bse@main")]
    public void Find_NothingOfThisName_ListsTheKnown(string name)
    {
        using var hub = new FakeHub();
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => EncoderLocation.Find(name, Options(hub)));
        string known = string.Join(", ", EncoderRegistry.Known.Select(entry => $"'{entry.Name}'"));
        string near = name.StartsWith("wavlm-bse", StringComparison.Ordinal) ? "; the nearest is 'wavlm-base'" : "";
        Assert.AreEqual(
            $"Encoder '{name}': expected a folder (there is none of this name), a Hub id ('organisation/name' or " +
            $"'organisation/name@revision'), or one of {known}{near}. (Parameter 'encoder')", error.Message);
        Assert.IsEmpty(hub.Hub.Requests);
    }

    [TestMethod]
    public void Find_File_SaysWhereAModelIsGiven()
    {
        using var scratch = new Scratch();
        string zip = scratch.At("model.zip");
        File.WriteAllBytes(zip, [1]);
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => EncoderLocation.Check(zip));
        Assert.AreEqual($"Encoder '{zip}': expected the folder of a pretrained encoder, its name or a Hub id, got a " +
            "file. A trained model's zip is option InitialModel.Path. (Parameter 'encoder')", error.Message);
    }

    [TestMethod]
    public void Find_BadRevision_Refused()
    {
        using var hub = new FakeHub();
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => EncoderLocation.Find("wavlm-base@../x", Options(hub)));
        Assert.AreEqual(
            "Hub revision: expected a branch, a tag, a commit or 'refs/pr/N', got '../x'. (Parameter 'revision')",
            error.Message);
    }

    [TestMethod]
    public void Dispose_KeepDownloadOff_DeletesTheDownload()
    {
        using SpeechEncoder expected = TinyEncoders.Create("wavlm");
        using FakeHub hub = Hub(expected);
        using (EncoderLocation location = EncoderLocation.Find(FakeHub.Id, Options(hub, keep: false)))
        {
            EncoderLoader.Load(location.Folder).Dispose();
        }
        Assert.IsFalse(Directory.Exists(Path.Combine(_cache.Folder, "models--org--tiny", "snapshots", FakeHub.Commit)));
    }

    [TestMethod]
    public void Find_Cancelled_Ends()
    {
        using var hub = new FakeHub();
        Assert.Throws<OperationCanceledException>(() =>
            EncoderLocation.Find(FakeHub.Id, Options(hub), cancellationToken: new CancellationToken(canceled: true)));
    }

    private static FakeHub Hub(SpeechEncoder encoder)
    {
        string folder = TinyEncoders.WriteFolder(encoder, TinyEncoders.Config(encoder.Config.ModelType));
        try
        {
            return new FakeHub([.. Directory.GetFiles(folder)
                .Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private HubOptions Options(FakeHub hub, bool keep = true) => new(_ => null)
    {
        CacheFolder = _cache.Folder,
        Endpoint = hub.Hub.Address,
        RetryDelay = TimeSpan.FromMilliseconds(5),
        KeepDownload = keep,
    };

    private sealed class Reports : IProgress<HubProgress>
    {
        public List<HubProgress> Seen { get; } = [];

        public void Report(HubProgress value) => Seen.Add(value);
    }
}
