using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using SpeechML.Audio.Formats.SndFile;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>
/// Every file of the golden folder <c>audio</c>: decoded within the tolerance that its manifest gives, or refused for
/// the reason it gives.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed partial class AudioGoldenTests
{
    private static readonly Lazy<SafetensorsFile> s_expected =
        new(() => SafetensorsFile.Open(Golden.At("audio", "expected.safetensors")));

    private static readonly Lazy<JsonElement> s_manifest = new(() => Golden.Json("audio", "manifest.json"));
    private static readonly Lazy<Dictionary<string, JsonElement>> s_rows = new(() =>
        s_manifest.Value.GetProperty("cases").EnumerateArray().ToDictionary(c => c.GetProperty("file").GetString()!));

    public static IEnumerable<object?[]> Cases() =>
        File.Exists(Golden.At("audio", "manifest.json")) ? s_rows.Value.Keys.Select(k => new object?[] { k })
        : [[null]];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Read_GoldenFile_DecodesOrRefusesAsExpected(string? file)
    {
        if (file is null)
        {
            Assert.Inconclusive("The golden folder has no part 'audio'.");
        }
        JsonElement row = s_rows.Value[file];
        string path = Golden.At("audio", s_manifest.Value.GetProperty("folder").GetString()!, file);
        DecodedAudio? decoded = null;
        AudioException? error = null;
        try
        {
            decoded = AudioFile.Read(path);
        }
        catch (AudioException e)
        {
            error = e;
        }
        if (error?.Kind == AudioErrorKind.DecoderMissing)
        {
            Assert.IsFalse(SndFileLibrary.Default.IsAvailable);
            Assert.Inconclusive(error.Message);
        }
        if (row.GetProperty("expect").GetString() == "decode")
        {
            if (error is not null && IsOptional(row))
            {
                Assert.Inconclusive($"Optional, and the libsndfile here does not read it: {error.Message}");
            }
            Assert.IsNull(error, error?.Message);
            AssertDecoded(row, decoded!);
        }
        else if (decoded is not null)
        {
            AssertDecodingAccepted(row, decoded);
        }
        else
        {
            AssertRefused(row, error!, path);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void FromFile_GoldenFile_IsMeanOfChannels(string? file)
    {
        if (file is null)
        {
            Assert.Inconclusive("The golden folder has no part 'audio'.");
        }
        JsonElement row = s_rows.Value[file];
        string path = Golden.At("audio", s_manifest.Value.GetProperty("folder").GetString()!, file);
        MLAudio audio;
        try
        {
            audio = MLAudio.FromFile(path);
        }
        catch (AudioException e) when (row.GetProperty("expect").GetString() == "error" || IsOptional(row)
            || e.Kind == AudioErrorKind.DecoderMissing)
        {
            return;
        }
        DecodedAudio decoded = AudioFile.Read(path);
        Assert.AreEqual(decoded.SampleRate, audio.SampleRate);
        Assert.AreEqual(decoded.Frames, audio.Length);
        for (int i = 0; i < audio.Length; i++)
        {
            Assert.AreEqual(decoded.Channels.Average(c => (double)c[i]), audio.Samples.Span[i], 1e-6, $"sample {i}");
        }
    }

    private static bool IsOptional(JsonElement row) =>
        row.TryGetProperty("note", out JsonElement note)
        && note.GetString()!.Contains("optional", StringComparison.Ordinal);

    private static void AssertDecoded(JsonElement row, DecodedAudio decoded)
    {
        Assert.AreEqual(row.GetProperty("sample_rate").GetInt32(), decoded.SampleRate, "sample rate");
        Assert.HasCount(row.GetProperty("channels").GetInt32(), decoded.Channels);
        Assert.AreEqual(row.GetProperty("frames").GetInt32(), decoded.Frames, "frames");
        Assert.AreEqual(row.TryGetProperty("truncated", out JsonElement truncated) && truncated.GetBoolean(),
            decoded.Truncated, "truncated");
        float[] expected = MemoryMarshal.Cast<byte, float>(
            s_expected.Value.ReadBytes(row.GetProperty("tensor").GetString()!)).ToArray();
        double tolerance = row.GetProperty("tolerance").GetDouble();
        for (int c = 0; c < decoded.Channels.Length; c++)
        {
            for (int i = 0; i < decoded.Frames; i++)
            {
                Assert.AreEqual(expected[(c * decoded.Frames) + i], decoded.Channels[c][i], tolerance,
                    $"channel {c}, frame {i}");
            }
        }
    }

    /// <summary>Where the manifest accepts it, a bad file may be decoded as libsndfile decodes it.</summary>
    private static void AssertDecodingAccepted(JsonElement row, DecodedAudio decoded)
    {
        Assert.IsTrue(row.TryGetProperty("also_accepted", out JsonElement also)
            && also.GetString()!.StartsWith("decode", StringComparison.Ordinal),
            $"Expected the error '{row.GetProperty("error").GetString()}', got {decoded.Frames} frames.");
        Assert.AreEqual(row.GetProperty("soundfile").GetProperty("frames").GetInt32(), decoded.Frames);
    }

    private static void AssertRefused(JsonElement row, AudioException error, string path)
    {
        string[] accepted = row.TryGetProperty("also_accepted", out JsonElement also)
            ? [row.GetProperty("error").GetString()!, also.GetString()!]
            : [row.GetProperty("error").GetString()!];
        CollectionAssert.Contains(accepted, ErrorName(error.Kind), error.Message);
        StringAssert.StartsWith(error.Message, $"'{path}': ");
        StringAssert.Contains(error.Message, "expected");
        StringAssert.Contains(error.Message, "got");
        Assert.AreEqual(path, error.FileName);
        if (row.TryGetProperty("first_bad_frame", out JsonElement frame))
        {
            Assert.AreEqual(frame.GetInt64(), error.Frame);
            Assert.AreEqual(row.GetProperty("first_bad_channel").GetInt32(), error.Channel);
            StringAssert.Contains(error.Message,
                string.Create(CultureInfo.InvariantCulture, $"frame {error.Frame}, channel {error.Channel}"));
        }
    }

    /// <summary>MissingFmt as the manifest writes it: missing-fmt.</summary>
    private static string ErrorName(AudioErrorKind kind) =>
        WordStart().Replace(kind.ToString(), "-$0").ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();
}
