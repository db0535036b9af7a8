using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>Labels that can be learned from but are probably not meant so: refused, or said in the log.</summary>
[TestClass]
public sealed class LabelWarningTests
{
    private const string RareAdvice =
        " in the training data; a model may never predict the rare class. The options BalanceClasses and " +
        "BalancePositives, where the trainer has them, weigh it higher";

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly List<string> _warnings = [];

    public LabelWarningTests() => _mlContext.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning)
        {
            _warnings.Add(e.RawMessage);
        }
    };

    [TestMethod]
    public void Ordinal_NumbersThatDoNotRise_AreRefused()
    {
        IDataView data = Keyed("4", "1.5", "1");
        Assert.AreEqual(
            "Column 'Key': expected keys whose values rise (keyOrdinality: ByValue), got 4, 1.5, 1.",
            Assert.ThrowsExactly<InvalidOperationException>(() => Ordinal(data)).Message);
    }

    [TestMethod]
    public void Ordinal_Texts_AreFittedAndTheirOrderIsSaid()
    {
        Ordinal(Keyed("mild", "severe", "absent"));
        CollectionAssert.AreEqual(
            new[]
            {
                "label 'Key': the order of its classes is that of the key, mild < severe < absent; keyData sets " +
                "another",
            },
            _warnings);
    }

    [TestMethod]
    [DataRow(17, true)]
    [DataRow(16, false)]
    public void Classes_OneInEighteen_IsSaid(int others, bool said)
    {
        Classes(Keyed(["PD", .. Enumerable.Repeat("HC", others)]), new SpeechClassificationOptions());
        CollectionAssert.AreEqual(
            said ? new[] { "label 'Key': 1 × 'PD' and 17 × 'HC'" + RareAdvice } : [], _warnings);
    }

    [TestMethod]
    public void Classes_Balanced_AreNotSaid()
    {
        Classes(
            Keyed(["PD", .. Enumerable.Repeat("HC", 17)]), new SpeechClassificationOptions { BalanceClasses = true });
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void Classes_SeveralSpellings_AreSaid()
    {
        Classes(Keyed("PD", "pd ", "HC"), new SpeechClassificationOptions());
        CollectionAssert.AreEqual(
            new[] { "label 'Key': the classes 'PD', 'pd ' are probably one under several spellings" }, _warnings);
    }

    [TestMethod]
    public void BinaryAndMultiLabel_OneInEighteen_AreSaid()
    {
        IDataView data = Keyed(["PD", .. Enumerable.Repeat("HC", 17)]);
        Small(new SpeechBinaryOptions(), o => _mlContext.BinaryClassification.Trainers
            .SpeechClassification("Yes", "Audio", o).Fit(data).Dispose());
        Small(new SpeechMultiLabelOptions(), o => _mlContext.Speech().Trainers
            .MultiLabelClassification("Labels", "Audio", o).Fit(data).Dispose());
        CollectionAssert.AreEqual(
            new[]
            {
                "label 'Yes': 1 × '1' and 17 × '0'" + RareAdvice,
                "label 'Labels0': 1 × '1' and 17 × '0'" + RareAdvice,
            },
            _warnings);
    }

    private void Ordinal(IDataView data) => Small(new SpeechOrdinalOptions(), o =>
        _mlContext.Speech().Trainers.OrdinalClassification("Key", "Audio", o).Fit(data).Dispose());

    private void Classes(IDataView data, SpeechClassificationOptions options) => Small(options, o =>
        _mlContext.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", o).Fit(data).Dispose());

    private static void Small<TOptions>(TOptions options, Action<TOptions> fit)
        where TOptions : SpeechTrainingOptions
    {
        options.Encoder = RepositoryFiles.TinyEncoder("whisper-80");
        options.WhisperContext = WhisperContext.Trimmed;
        options.Layers = EncoderLayers.Last;
        options.Freezing = "all";
        options.Epochs = 1;
        options.BatchSize = 32;
        fit(options);
    }

    private IDataView Keyed(params string[] labels)
    {
        string path = Prompts.Rows(1)[0].Path;
        IDataView rows = _mlContext.Data.LoadFromEnumerable(labels.Select((l, i) =>
            new Row { Path = path, Label = l, Yes = i == 0, Labels = [i == 0 ? 1 : 0, i % 2] }).ToArray());
        return PromptAudio.Pipeline(_mlContext).Append(_mlContext.Transforms.Conversion.MapValueToKey("Key", "Label"))
            .Fit(rows).Transform(rows);
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public bool Yes { get; set; }

        [VectorType(2)]
        public float[] Labels { get; set; } = [];
    }
}
