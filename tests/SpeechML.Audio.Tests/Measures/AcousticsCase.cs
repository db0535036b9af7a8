using System.Runtime.InteropServices;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Measures;

/// <summary>A clip of a golden folder <c>acoustics</c> under one of its settings.</summary>
internal sealed class AcousticsCase
{
    private static readonly Dictionary<string, (JsonElement Json, SafetensorsFile Tensors)> s_folders = Open();
    private readonly SafetensorsFile _tensors;
    private readonly string _clip;
    private readonly string _setting;

    private AcousticsCase(string folder, string clip, string setting)
    {
        (Json, _tensors) = s_folders[folder];
        (_clip, _setting) = (clip, setting);
        Clip = Json.GetProperty("clips").GetProperty(clip);
        Want = Clip.GetProperty("settings").GetProperty(setting);
        Settings = Json.GetProperty("settings").GetProperty(setting);
        Options = OptionsOf(Settings);
        float[] samples =
            [.. MemoryMarshal.Cast<byte, short>(_tensors.ReadBytes($"{clip}.waveform")).ToArray()
                .Select(v => v / 32768f)];
        Audio = MLAudio.FromSamples(samples, Clip.GetProperty("rate").GetInt32());
    }

    public JsonElement Json { get; }

    public JsonElement Clip { get; }

    /// <summary>What the reference says of the clip.</summary>
    public JsonElement Want { get; }

    public JsonElement Settings { get; }

    public VoiceMeasureOptions Options { get; }

    public MLAudio Audio { get; }

    /// <summary>Folder, clip and setting of each; one row of nulls where there is no such folder.</summary>
    public static IEnumerable<object?[]> All()
    {
        object?[][] all = [.. s_folders.SelectMany(folder => folder.Value.Json.GetProperty("clips").EnumerateObject()
            .SelectMany(clip => clip.Value.GetProperty("settings").EnumerateObject()
                .Select(setting => new object?[] { folder.Key, clip.Name, setting.Name })))];
        return all.Length > 0 ? all : [[null, null, null]];
    }

    public static AcousticsCase Of(string? folder, string? clip, string? setting)
    {
        if (folder is null)
        {
            Assert.Inconclusive("The golden folder has no part 'acoustics'.");
        }
        return new AcousticsCase(folder, clip!, setting!);
    }

    /// <summary>A tensor of the case, as doubles.</summary>
    public double[] Tensor(string name)
    {
        string key = $"{_clip}.{_setting}.{name}";
        byte[] bytes = _tensors.ReadBytes(key);
        int count = (int)_tensors.Entries[key].Shape.Aggregate(1L, (a, b) => a * b);
        return count == 0 ? [] : (bytes.Length / count) switch
        {
            8 => MemoryMarshal.Cast<byte, double>(bytes).ToArray(),
            4 => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), v => (double)v),
            _ => Array.ConvertAll(bytes, v => (double)v),
        };
    }

    /// <summary>A number; NaN where the reference has none.</summary>
    public static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() == "undefined" ? double.NaN : Golden.Number(value);

    public MfccOptions Mfcc()
    {
        JsonElement s = Settings.GetProperty("mfcc");
        return new MfccOptions
        {
            Count = s.GetProperty("count").GetInt32(),
            Window = s.GetProperty("window").GetDouble(),
            Hop = s.GetProperty("hop").GetDouble(),
            Filters = s.GetProperty("mels").GetInt32(),
        };
    }

    private static VoiceMeasureOptions OptionsOf(JsonElement settings)
    {
        double Of(string group, string name) => settings.GetProperty(group).GetProperty(name).GetDouble();
        double[] slope = [.. settings.GetProperty("spectrum").GetProperty("slope").EnumerateArray()
            .Select(v => v.GetDouble())];
        CepstralPeakOptions Peak(string group)
        {
            JsonElement line = settings.GetProperty(group).GetProperty("line");
            return new CepstralPeakOptions
            {
                TimeWindow = Of(group, "time_window"),
                QuefrencyWindow = Of(group, "quefrency_window"),
                Lowest = Of(group, "lowest"),
                Highest = Of(group, "highest"),
                LineFrom = line[0].GetDouble(),
                LineTo = line[1].GetDouble(),
                Line = settings.GetProperty(group).GetProperty("fit").GetString() switch
                {
                    "robust" => CepstralLine.Robust,
                    "least squares" => CepstralLine.LeastSquares,
                    string other => throw new FormatException($"A line that is not built: '{other}'."),
                    null => throw new FormatException("No line."),
                },
            };
        }
        return new VoiceMeasureOptions
        {
            Pitch = new PitchOptions
            {
                Step = Of("pitch", "step"),
                Floor = Of("pitch", "floor"),
                Ceiling = Of("pitch", "ceiling"),
                Candidates = (int)Of("pitch", "candidates"),
                SilenceThreshold = Of("pitch", "silence"),
                VoicingThreshold = Of("pitch", "voicing"),
                OctaveCost = Of("pitch", "octave"),
                OctaveJumpCost = Of("pitch", "jump"),
                VoicedUnvoicedCost = Of("pitch", "voiced_unvoiced"),
            },
            Harmonicity = new HarmonicityOptions
            {
                Step = Of("harmonicity", "step"),
                Floor = Of("harmonicity", "floor"),
                SilenceThreshold = Of("harmonicity", "silence"),
                PeriodsPerWindow = Of("harmonicity", "periods"),
            },
            Perturbation = new PerturbationOptions
            {
                ShortestPeriod = Of("perturbation", "shortest"),
                LongestPeriod = Of("perturbation", "longest"),
                PeriodFactor = Of("perturbation", "period_factor"),
                AmplitudeFactor = Of("perturbation", "amplitude_factor"),
            },
            Intensity = new IntensityOptions
            {
                Floor = Of("intensity", "floor"),
                Step = Of("intensity", "step"),
                SubtractMean = settings.GetProperty("intensity").GetProperty("subtract_mean").GetBoolean(),
            },
            Formants = new FormantOptions
            {
                Ceiling = Of("formants", "ceiling"),
                Count = (int)Of("formants", "count"),
                Window = Of("formants", "window"),
                Step = Of("formants", "step"),
                PreEmphasisFrom = Of("formants", "emphasis"),
            },
            Cepstrum = new CepstrumOptions
            {
                Floor = Of("cepstrum", "floor"),
                Step = Of("cepstrum", "step"),
                Highest = Of("cepstrum", "highest"),
                PreEmphasisFrom = Of("cepstrum", "emphasis"),
            },
            Cpps = Peak("cpps"),
            Cpp = Peak("cpp"),
            Pauses = new PauseOptions
            {
                Floor = Of("pauses", "floor"),
                Threshold = Of("pauses", "threshold"),
                ShortestSilence = Of("pauses", "shortest_silence"),
                ShortestSound = Of("pauses", "shortest_sound"),
            },
            Syllables = new SyllableOptions
            {
                Floor = Of("syllables", "floor"),
                Threshold = Of("syllables", "threshold"),
                Dip = Of("syllables", "dip"),
            },
            Spectrum = new SpectrumOptions
            {
                Band = Of("spectrum", "band"),
                Split = Of("spectrum", "split"),
                Low = Of("spectrum", "low"),
                High = Of("spectrum", "high"),
                HammarbergSplit = Of("spectrum", "hammarberg_split"),
                SlopeLowFrom = slope[0],
                SlopeLowTo = slope[1],
                SlopeHighFrom = slope[2],
                SlopeHighTo = slope[3],
            },
        };
    }

    private static Dictionary<string, (JsonElement Json, SafetensorsFile Tensors)> Open()
    {
        string root = Golden.At("acoustics");
        return !Directory.Exists(root) ? [] : Directory
            .EnumerateFiles(root, "acoustics.json", SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(file)!).Order(StringComparer.Ordinal).ToDictionary(
                folder => Path.GetRelativePath(root, folder),
                folder => (Golden.Json(Path.Combine(folder, "acoustics.json")),
                    SafetensorsFile.Open(Path.Combine(folder, "acoustics.safetensors"))));
    }
}
