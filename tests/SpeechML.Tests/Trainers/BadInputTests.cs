using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>
/// Bad input to a pipeline: the whole message, which names what is wrong, what was expected and what was found.
/// </summary>
[TestClass]
public sealed class BadInputTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly MLContext _mlContext = new(seed: 1);

    public void Dispose() => _scratch.Dispose();

    [TestMethod]
    public void LoadAudio_SilentFile_NamesFile()
    {
        string file = Wav("silent.wav", new short[8000]);
        Assert.AreEqual(
            $"'{file}': expected a recording, got 8000 samples that are all 0 (silence). Leave it out, or set " +
            $"AudioLoadingOptions.Silent to Keep.",
            LoadError("silent.wav"));
        Assert.AreEqual(8000, Load(
            "silent.wav", new AudioLoadingOptions { Silent = SuspectAudioHandling.Keep }).Length);
    }

    [TestMethod]
    public void LoadAudio_EmptyFile_NamesFile()
    {
        string file = _scratch.At("empty.wav");
        File.WriteAllBytes(file, []);
        Assert.AreEqual($"'{file}': expected audio, got an empty file.", LoadError("empty.wav"));
    }

    [TestMethod]
    public void LoadAudio_TruncatedFile_NamesFile()
    {
        string file = Wav("cut.wav", Noise(8000));
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.SetLength(44 + 8000);
        }
        Assert.AreEqual(
            $"'{file}': expected as many samples as its header says, got 4000 samples (0.500 s) and the end of the " +
            $"file. Copy it again, or set AudioLoadingOptions.Truncated to Keep.",
            LoadError("cut.wav"));
        Assert.AreEqual(4000, Load(
            "cut.wav", new AudioLoadingOptions { Truncated = SuspectAudioHandling.Keep }).Length);
    }

    [TestMethod]
    public void LoadAudio_NaNSample_NamesFileFrameAndChannel()
    {
        float[] samples = [0.1f, 0.2f, float.NaN, 0.3f];
        string file = _scratch.At("nan.wav");
        File.WriteAllBytes(file, [.. Header(3, 32, samples.Length * 4), .. samples.SelectMany(BitConverter.GetBytes)]);
        Assert.AreEqual($"'{file}': frame 2, channel 0: expected a finite sample, got NaN.", LoadError("nan.wav"));
    }

    [TestMethod]
    public void LoadAudio_TextFile_NamesFile()
    {
        string file = _scratch.At("notes.wav");
        File.WriteAllText(file, "these are notes, not sound");
        Assert.AreEqual(
            $"'{file}': expected the signature of WAV, W64, FLAC, Ogg, MP3, AIFF, AU or CAF, got a file that starts " +
            $"with 7468657365206172.", LoadError("notes.wav"));
    }

    [TestMethod]
    public void LoadAudio_NoSuchFile_ListsWhatWasLookedFor()
    {
        Assert.AreEqual(
            $"'absent': expected an audio file in folder '{_scratch.Folder}', got none of 'absent.*', " +
            $"'absent/waveform.*' (.* is {string.Join(", ", AudioPath.Extensions.Where(e => !e.Any(char.IsUpper)))}).",
            LoadError("absent"));
    }

    [TestMethod]
    public void Fit_MissingColumn_NamesItAndThoseThere()
    {
        IDataView data = Prompts.View(_mlContext, 8);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _mlContext.Transforms.LoadAudio("Audio", RepositoryFiles.Prompts, "File").Fit(data));
        StringAssert.StartsWith(error.Message, "Could not find input column 'File'");
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PromptAudio.Whole(_mlContext)
            .Append(Trainer(label: "Diagnosis")).Fit(data));
        Assert.AreEqual(
            "Could not find label column 'Diagnosis': expected a column of type Key<UInt32> (use MapValueToKey), the " +
            "data has 'Path', 'Subject', 'Label', 'Labels', 'Audio'. (Parameter 'schema')",
            error.Message);
    }

    [TestMethod]
    public void Fit_WrongColumnType_NamesBothTypes()
    {
        IDataView data = Prompts.View(_mlContext, 8);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PromptAudio.Whole(_mlContext)
            .Append(Trainer()).Fit(data));
        Assert.AreEqual(
            "Schema mismatch for label column 'Label': expected Key<UInt32> (use MapValueToKey), got String. " +
            "(Parameter 'schema')", error.Message);
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _mlContext.Transforms.Conversion.MapValueToKey("Label").Append(Trainer(audio: "Path")).Fit(data));
        Assert.AreEqual("Schema mismatch for audio column 'Path': expected Audio, got String. (Parameter 'schema')",
            error.Message);
    }

    [TestMethod]
    public void Fit_LaterStageWrong_FoundBeforeAnyFileIsRead()
    {
        // No such folder: reading a file would be another error.
        var pipeline = _mlContext.Transforms.LoadAudio("Audio", _scratch.At("absent"), "Path")
            .Append(_mlContext.Transforms.ResampleAudio("Other", 16_000, "Path"));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(Prompts.View(_mlContext, 8)));
        Assert.AreEqual("Schema mismatch for input column 'Path': expected Audio, got String. (Parameter 'schema')",
            error.Message);
    }

    [TestMethod]
    public void Fit_LabelWithOneClass_NamesColumnAndClass()
    {
        List<PromptRow> rows = Prompts.Rows(8);
        rows.ForEach(r => r.Label = "en");
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => PipelineTests.Classifier(_mlContext)
            .Fit(data));
        Assert.AreEqual("Label column 'Label': expected at least two classes, got 1.", error.Message);
    }

    [TestMethod]
    public void Fit_MultiLabelWithoutNegatives_NamesLabel()
    {
        List<PromptRow> rows = Prompts.Rows(8);
        rows.ForEach(r => r.Labels = [1, r.Labels[1]]);
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        var options = new SpeechMultiLabelOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
        };
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => PromptAudio.Whole(_mlContext)
            .Append(_mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options)).Fit(data));
        Assert.AreEqual(
            "Label 'Labels0' of column 'Labels': expected positive and negative clips, got 8 positive and 0 negative " +
            "of 8. Leave it out, or split the data so that both are in the training part.",
            error.Message);
    }

    [TestMethod]
    public void Fit_FolderWithoutCheckpoint_ListsWhatWasLookedFor()
    {
        var error = Assert.ThrowsExactly<CheckpointException>(() => FitWith(_scratch.Folder));
        const string Names =
            "one of 'model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin', " +
            "'pytorch_model.bin.index.json'";
        Assert.AreEqual(
            $"'{_scratch.Folder}': expected a model folder with 'config.json' and {Names}, got no 'config.json'.",
            error.Message);
        File.Copy(Path.Combine(RepositoryFiles.TinyEncoder("whisper-80"), "config.json"), _scratch.At("config.json"));
        error = Assert.ThrowsExactly<CheckpointException>(() => FitWith(_scratch.Folder));
        Assert.AreEqual(
            $"'{_scratch.Folder}': expected weights: {Names}, got none of them among its 1 entries ('config.json').",
            error.Message);
    }

    [TestMethod]
    public void Fit_CheckpointOfAnotherModel_NamesFileAndTensor()
    {
        File.Copy(Path.Combine(RepositoryFiles.TinyEncoder("whisper-80"), "config.json"), _scratch.At("config.json"));
        File.Copy(Path.Combine(RepositoryFiles.TinyEncoder("hubert-base-like"), "model.safetensors"),
            _scratch.At("model.safetensors"));
        var error = Assert.ThrowsExactly<CheckpointException>(() => FitWith(_scratch.Folder));
        Assert.AreEqual(
            $"'{_scratch.At("model.safetensors")}': tensor 'encoder.layers.0.attention.k_proj.bias': expected only " +
            $"what encoder 'whisper' of 3 layers has, got a tensor that it has not: these may be weights of another " +
            $"model than config.json describes.",
            error.Message);
    }

    [TestMethod]
    public void Fit_UnknownEncoder_ListsNames()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => FitWith("wavlm-bass"));
        StringAssert.StartsWith(
            error.Message,
            "Encoder 'wavlm-bass': expected a folder (there is none of this name), a Hub id ('organisation/name' or " +
            "'organisation/name@revision'), or one of ");
        StringAssert.Contains(error.Message, "wavlm-base");
    }

    [TestMethod]
    public void Fit_WrongSampleRate_SaysHowToMend()
    {
        IDataView data = Prompts.View(_mlContext, 8);
        var pipeline = _mlContext.Transforms.LoadAudio("Audio", RepositoryFiles.Prompts, "Path")
            .Append(_mlContext.Transforms.Conversion.MapValueToKey("Label")).Append(Trainer());
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => pipeline.Fit(data));
        string file = Path.Combine(RepositoryFiles.Prompts, Prompts.Rows(8)[0].Path + ".wav");
        Assert.AreEqual(
            $"Column 'Audio', '{file}': expected audio at 16000 Hz, the rate of the encoder 'whisper', got 8000 Hz. " +
            $"Put ResampleAudio(\"Audio\", 16000) before.", error.Message);
    }

    [TestMethod]
    public void Fit_ClipTooShort_NamesFile()
    {
        string file = Wav("short.wav", Noise(300), 16_000);
        List<PromptRow> rows = Prompts.Rows(8);
        rows[3].Path = file;
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        var pipeline = PromptAudio.Whole(_mlContext).Append(_mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(
            _mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", PipelineTests.Options("hubert-base-like")));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => pipeline.Fit(data));
        Assert.AreEqual(
            $"Column 'Audio', '{file}': expected at least 400 samples at 16000 Hz for the encoder 'hubert', got 300 " +
            $"(0.019 s).", error.Message);
    }

    [TestMethod]
    public void Fit_LayerThatTheEncoderLacks_NamesItsLayers()
    {
        SpeechClassificationOptions options = PipelineTests.Options("whisper-80");
        options.Layers = "7";
        var error = Assert.ThrowsExactly<ArgumentException>(() => PromptAudio.Whole(_mlContext)
            .Append(_mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(_mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
                .Fit(Prompts.View(_mlContext, 8)));
        Assert.AreEqual("Option Layers: expected hidden states from 0 to 3, the layers of the encoder, got 7.",
            error.Message);
    }

    private IEstimator<ITransformer> Trainer(string label = "Label", string audio = "Audio") =>
        _mlContext.MulticlassClassification.Trainers.SpeechClassification(
            label, audio, PipelineTests.Options("whisper-80"));

    private void FitWith(string encoder)
    {
        SpeechClassificationOptions options = PipelineTests.Options("whisper-80");
        options.Encoder = encoder;
        PromptAudio.Whole(_mlContext).Append(_mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(_mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
                .Fit(Prompts.View(_mlContext, 8));
    }

    private MLAudio Load(string name, AudioLoadingOptions? options = null)
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable([new PromptRow { Path = name }]);
        return _mlContext.Transforms.LoadAudio("Audio", _scratch.Folder, "Path", options).Fit(data).Transform(data)
            .GetColumn<MLAudio>("Audio").Single();
    }

    private string LoadError(string name) => Assert.ThrowsExactly<AudioException>(() => Load(name)).Message;

    private string Wav(string name, short[] samples, int rate = 8000)
    {
        string file = _scratch.At(name);
        File.WriteAllBytes(file,
            [.. Header(1, 16, samples.Length * 2, rate), .. samples.SelectMany(BitConverter.GetBytes)]);
        return file;
    }

    private static short[] Noise(int samples)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, samples).Select(_ => (short)random.Next(-1000, 1000))];
    }

    private static byte[] Header(short format, short bits, int bytes, int rate = 8000)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + bytes);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write(format);
        writer.Write((short)1);
        writer.Write(rate);
        writer.Write(rate * bits / 8);
        writer.Write((short)(bits / 8));
        writer.Write(bits);
        writer.Write("data"u8);
        writer.Write(bytes);
        return stream.ToArray();
    }
}
