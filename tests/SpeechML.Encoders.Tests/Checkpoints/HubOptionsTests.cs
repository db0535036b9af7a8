namespace SpeechML.Encoders.Tests.Checkpoints;

[TestClass]
public sealed class HubOptionsTests
{
    private string _home = "";

    [TestInitialize]
    public void CreateHome() => _home = Directory.CreateTempSubdirectory("speechml-home").FullName;

    [TestCleanup]
    public void DeleteHome() => Directory.Delete(_home, recursive: true);

    [TestMethod]
    public void HubOptions_EmptyEnvironment_IsPythonsDefault()
    {
        var options = new HubOptions(_ => null);

        Assert.AreEqual(new Uri("https://huggingface.co/"), options.Endpoint);
        Assert.AreEqual(Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "huggingface", "hub"),
            options.CacheFolder);
        Assert.IsFalse(options.IsOffline);
        Assert.IsTrue(options.KeepDownload);
    }

    [TestMethod]
    public void HubOptions_Variables_AreTakenInPythonsOrder()
    {
        Assert.AreEqual(Path.Combine(_home, "hub"), Options(("HF_HOME", _home)).CacheFolder);
        Assert.AreEqual(Path.Combine(_home, "huggingface", "hub"), Options(("XDG_CACHE_HOME", _home)).CacheFolder);
        Assert.AreEqual(Path.Combine(_home, "old"),
            Options(("HF_HOME", "/elsewhere"), ("HUGGINGFACE_HUB_CACHE", Path.Combine(_home, "old"))).CacheFolder);
        Assert.AreEqual(
            Path.Combine(_home, "new"),
            Options(("HUGGINGFACE_HUB_CACHE", Path.Combine(_home, "old")),
            ("HF_HUB_CACHE", Path.Combine(_home, "new"))).CacheFolder);
        Assert.AreEqual(new Uri("https://mirror.example/hf"),
            Options(("HF_ENDPOINT", "https://mirror.example/hf")).Endpoint);
        Assert.IsTrue(Options(("HF_HUB_OFFLINE", "yes")).IsOffline);
        Assert.IsFalse(Options(("HF_HUB_OFFLINE", "0")).IsOffline);
    }

    [TestMethod]
    public void Token_FromVariableOrFile_IsTrimmed()
    {
        File.WriteAllText(Path.Combine(_home, "token"), "hf_file\n");
        File.WriteAllText(Path.Combine(_home, "other"), "hf_other\r\n");

        Assert.AreEqual("hf_file", Options(("HF_HOME", _home)).Token);
        Assert.AreEqual("hf_other", Options(("HF_HOME", _home), ("HF_TOKEN_PATH", Path.Combine(_home, "other"))).Token);
        Assert.AreEqual("hf_variable", Options(("HF_HOME", _home), ("HF_TOKEN", " hf_variable ")).Token);
        Assert.IsNull(Options(("HF_HOME", _home), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        Assert.IsNull(Options(("HF_HOME", Path.Combine(_home, "none"))).Token);
    }

    [TestMethod]
    public void HubOptions_WrongValues_AreRefusedWhenCreated()
    {
        ArgumentException endpoint =
            Assert.ThrowsExactly<ArgumentException>(() => new HubOptions(_ => null) { Endpoint = new Uri("ftp://x/") });
        Assert.AreEqual(
            "Option Endpoint: expected an absolute http(s) address without user, query and fragment, got 'ftp://x/'.",
            endpoint.Message);
        ArgumentException variable = Assert.ThrowsExactly<ArgumentException>(() => Options(("HF_ENDPOINT", "hub")));
        Assert.AreEqual("HF_ENDPOINT: expected an absolute http(s) address, got 'hub'.", variable.Message);
        ArgumentException token =
            Assert.ThrowsExactly<ArgumentException>(() => new HubOptions(_ => null) { Token = "hf_a\nb" });
        Assert.AreEqual(
            "Option Token: expected visible ASCII characters, got 6 characters of which some are not (not shown).",
            token.Message);
        ArgumentException cache =
            Assert.ThrowsExactly<ArgumentException>(() => new HubOptions(_ => null) { CacheFolder = " " });
        Assert.AreEqual("Option CacheFolder: expected a folder, got ' '.", cache.Message);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() =>
            new HubOptions(_ => null) { MaxRetries = -1 }).Message, "Option MaxRetries: expected 0 to 100, got '-1'.");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() =>
            new HubOptions(_ => null) { RetryDelay = TimeSpan.Zero }).Message,
            "Option RetryDelay: expected above 0 s, at most 60 s, got '00:00:00'.");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() =>
            new HubOptions(_ => null) { ResponseTimeout = TimeSpan.Zero }).Message,
            "Option ResponseTimeout: expected above 0 s, at most 3600 s, got '00:00:00'.");
    }

    private static HubOptions Options(params (string Name, string Value)[] variables) =>
        new(name => Array.Find(variables, v => v.Name == name).Value);
}
