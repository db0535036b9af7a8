using System.Diagnostics;
using SpeechML.TestSupport;

namespace SpeechML.FFmpeg.Tests;

/// <summary>An ffmpeg that is absent, too old, fails, hangs, or is stopped.</summary>
[TestClass]
public sealed class ProgramFaultTests : IDisposable
{
    private const string Good = "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers";

    private readonly Scratch _scratch = new();

    private static byte[] Memo => File.ReadAllBytes(Path.Combine(RepositoryFiles.Fixtures, "recordings", "iphone.m4a"));

    [TestCleanup]
    public void NothingIsLeft() => CollectionAssert.AreEqual(Array.Empty<string>(), Program.LeftFiles());

    public void Dispose()
    {
        AudioDecoders.Unregister(SpeechFFmpeg.Name);
        _scratch.Dispose();
    }

    [TestMethod]
    public void Read_NotRegistered_NamesFormatAndRemedy()
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() => MLAudio.FromBytes(Memo, "memo.m4a"));
        Assert.AreEqual(AudioErrorKind.UnsupportedFormat, error.Kind);
        StringAssert.Contains(error.Message, "got MPEG-4 audio (.m4a), which is not decoded here.");
        StringAssert.EndsWith(error.Message,
            "install ffmpeg, reference the package SpeechML.FFmpeg and call SpeechFFmpeg.Register() once.");
    }

    [TestMethod]
    public void Read_Absent_SaysHowToInstallIt()
    {
        SpeechFFmpeg.Register(new FFmpegOptions { Folder = _scratch.Folder });
        AudioException error = Refused();
        Assert.AreEqual(AudioErrorKind.DecoderMissing, error.Kind);
        string program = OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";
        Assert.AreEqual(
            $"'memo.m4a': expected ffmpeg 4 or later to decode MPEG-4 audio (.m4a), got no program '{program}' in " +
            $"'{_scratch.Folder}'. Install it: 'apt-get install ffmpeg' (Debian, Ubuntu), 'dnf install ffmpeg-free' " +
            "(Fedora), 'brew install ffmpeg' (macOS), 'winget install ffmpeg' (Windows); or name its folder in " +
            "FFmpegOptions.Folder.", error.Message);
    }

    [TestMethod]
    [DataRow("ffmpeg version 2.8.17-0ubuntu0.1 Copyright", "got 'ffmpeg version 2.8.17-0ubuntu0.1 Copyright' (")]
    [DataRow("ffmpeg version n3.4 Copyright", "got 'ffmpeg version n3.4 Copyright' (")]
    [DataRow("BusyBox", "which answers 'BusyBox' when it is asked for its version")]
    public void Read_TooOld_SaysWhichItIs(string version, string expected)
    {
        SpeechFFmpeg.Register(new FFmpegOptions { Folder = Program.Fake(_scratch.At("bin"), version, "exit 0") });
        AudioException error = Refused();
        Assert.AreEqual(AudioErrorKind.DecoderMissing, error.Kind);
        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    [DataRow("echo 'moov atom not found' >&2; exit 1", AudioErrorKind.CorruptStream, "('moov atom not found')")]
    [DataRow("exit 139", AudioErrorKind.CorruptStream, "(nothing said)")]
    [DataRow("echo 'Unknown input format: mov' >&2; exit 1", AudioErrorKind.DecoderMissing, "Install a full build.")]
    [DataRow("exit 0", AudioErrorKind.EmptyFile, "")] // and wrote nothing
    public void Read_Failing_SaysWhatItSaid(string script, AudioErrorKind kind, string expected)
    {
        SpeechFFmpeg.Register(new FFmpegOptions { Folder = Program.Fake(_scratch.At("bin"), Good, script) });
        AudioException error = Refused();
        Assert.AreEqual(kind, error.Kind, error.Message);
        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    public void Read_Hanging_IsKilledAtItsTime()
    {
        SpeechFFmpeg.Register(new FFmpegOptions { Folder = Hanging(), TimeLimit = TimeSpan.FromSeconds(0.5) });
        AudioException error = Refused();
        Assert.AreEqual(
            "'memo.m4a': expected ffmpeg to decode MPEG-4 audio (.m4a) within 0.5 s, got no end. Set " +
            "FFmpegOptions.TimeLimit to give it longer.", error.Message);
        AssertEnded();
    }

    [TestMethod]
    public void Read_Cancelled_KillsTheProcess()
    {
        SpeechFFmpeg.Register(new FFmpegOptions { Folder = Hanging(), MaxProcesses = 1 });
        using var source = new CancellationTokenSource();
        Task<Exception?> first = Decoding(source.Token), waiting = Decoding(source.Token);
        Assert.IsTrue(SpinWait.SpinUntil(() => File.Exists(_scratch.At("pid")), TimeSpan.FromSeconds(20)));
        source.Cancel();
        Assert.IsTrue(Task.WaitAll([first, waiting], TimeSpan.FromSeconds(20)), "Cancellation ends both.");
        Assert.IsInstanceOfType<OperationCanceledException>(first.Result);
        Assert.IsInstanceOfType<OperationCanceledException>(waiting.Result);
        AssertEnded();
    }

    /// <summary>Stopped at once: the process may be about to start.</summary>
    [TestMethod]
    public void Read_CancelledWhileItStarts_LeavesNothing()
    {
        SpeechFFmpeg.Register(new FFmpegOptions { Folder = Hanging() });
        for (int milliseconds = 0; milliseconds < 40; milliseconds += 8)
        {
            File.Delete(_scratch.At("pid"));
            using var source = new CancellationTokenSource(milliseconds);
            Assert.ThrowsExactly<OperationCanceledException>(() =>
                MLAudio.FromBytes(Memo, "memo.m4a", cancellation: source.Token));
            AssertEnded();
        }
    }

    [TestMethod]
    public void Register_OptionsOutOfRange_AreRefused()
    {
        (string Name, FFmpegOptions Options)[] all =
        [
            ("TimeLimit", new() { TimeLimit = TimeSpan.Zero }), ("MaxProcesses", new() { MaxProcesses = 0 }),
            ("MaxDuration", new() { MaxDuration = TimeSpan.FromSeconds(-1) }),
        ];
        foreach ((string name, FFmpegOptions options) in all)
        {
            StringAssert.Contains(
                Assert.Throws<ArgumentException>(() => SpeechFFmpeg.Register(options)).Message, name);
        }
        CollectionAssert.DoesNotContain(AudioDecoders.Names.ToArray(), SpeechFFmpeg.Name);
    }

    private string Hanging() => Program.Fake(
        _scratch.At("bin"), Good, $"echo $$ > '{_scratch.At("pid.new")}'; mv '{_scratch.At("pid.new")}' " +
        $"'{_scratch.At("pid")}'; exec sleep 600");

    private static AudioException Refused() =>
        Assert.ThrowsExactly<AudioException>(() => MLAudio.FromBytes(Memo, "memo.m4a"));

    private static Task<Exception?> Decoding(CancellationToken cancellation) => Task.Run(() =>
    {
        try
        {
            MLAudio.FromBytes(Memo, "memo.m4a", cancellation: cancellation);
            return null;
        }
        catch (Exception e) when (e is OperationCanceledException or AudioException)
        {
            return e;
        }
    });

    /// <summary>The process, if one was started, is gone: neither running nor waiting to be collected.</summary>
    private void AssertEnded()
    {
        if (File.Exists(_scratch.At("pid")))
        {
            int id = int.Parse(File.ReadAllText(_scratch.At("pid")), System.Globalization.CultureInfo.InvariantCulture);
            Assert.IsTrue(SpinWait.SpinUntil(() => !IsThere(id), TimeSpan.FromSeconds(10)), $"Process {id} is there.");
        }
    }

    private static bool IsThere(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
