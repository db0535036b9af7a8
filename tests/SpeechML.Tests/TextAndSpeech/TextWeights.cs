using Microsoft.ML.Tokenizers;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.TorchSharp.NasBert.Models;

namespace SpeechML.Tests.TextAndSpeech;

/// <summary>
/// The file that ML.NET's text trainers take their pretrained weights from, with random ones: the real file is a
/// download. Names and shapes are those of <c>NasBertModel</c>, which makes no other size.
/// </summary>
internal static class TextWeights
{
    // NasBertTrainer.NasBertOptions, internal there.
    private const int EmbeddingSize = 64;
    private const int LongestSequence = 512;

    private static readonly int[] s_cells =
        [9, 11, 7, 0, 0, 0, 11, 11, 7, 0, 0, 0, 9, 7, 11, 0, 0, 0, 10, 7, 9, 0, 0, 0];

    /// <summary>Writes the file where a trainer of a context with that temporary folder looks for it.</summary>
    /// <param name="temporary"><c>MLContext.TempFilePath</c>.</param>
    public static void Write(string temporary)
    {
        TorchNativeLibrary.EnsureLoaded();
        EnglishRobertaTokenizer tokenizer = Tokenizer();
        using var encoder = new NasBertEncoder(
            tokenizer.PadIndex, tokenizer.SymbolsCount, activationFn: "gelu", maxSeqLen: LongestSequence,
            embedSize: EmbeddingSize, arches: s_cells, numSegments: 0, encoderNormalizeBefore: true,
            numEncoderLayers: s_cells.Length, applyBertInit: true);
        string folder = Path.Combine(temporary, "mlnet");
        Directory.CreateDirectory(folder);
        encoder.save(Path.Combine(folder, "NasBert2000000.tsm"));
    }

    private static EnglishRobertaTokenizer Tokenizer()
    {
        Stream Resource(string name) =>
            typeof(TorchSharpCatalog).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        EnglishRobertaTokenizer tokenizer = EnglishRobertaTokenizer.Create(
            Resource("encoder.json"), Resource("vocab.bpe"), Resource("dict.txt"), RobertaPreTokenizer.Instance);
        tokenizer.AddMaskSymbol();
        return tokenizer;
    }
}
