using System.Text.Json;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>
/// The gradients of all families but Whisper, whose are stored in slices, against Hugging Face transformers.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class EncoderGradientGoldenTests : SmallProductTests
{
    // Their true gradient is zero; what is stored is rounding noise.
    private static readonly string[] s_zero = ["k_proj.bias", "linear_k.bias", "attention.key.bias"];

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Whole), typeof(EncoderCases))]
    public void Encode_WithGradients_EveryGradientAsReference(string name)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name));
        using GoldenTensors golden = EncoderCases.Open(name);
        JsonElement facts = EncoderCases.Facts(name);
        double share = EncoderCases.Gradients(facts);
        using DisposeScope scope = NewDisposeScope();
        EncoderInput input = encoder.Prepare([golden.Waveform("clip0.waveform")]);
        input.Values.requires_grad = true;
        Tensor last = encoder.Encode(input).LastHiddenState!;
        // Masked frames, which are not computed here, have the weight 0.
        (last * golden.Read("R").narrow(0, 0, last.shape[1])).sum().backward();

        Dictionary<string, Tensor> parameters = encoder.named_parameters()
            .ToDictionary(p => p.name, p => (Tensor)p.parameter);
        var compared = new HashSet<string>();
        foreach (string gradient in golden.Names.Where(
            n => n.StartsWith("grad.", StringComparison.Ordinal) && n != "grad.input"))
        {
            string parameter = EncoderCases.Own(gradient["grad.".Length..], facts);
            compared.Add(parameter);
            Tensor? actual = parameters[parameter].grad;
            Assert.IsNotNull(actual, parameter);
            if (!s_zero.Any(z => parameter.EndsWith(z, StringComparison.Ordinal)))
            {
                golden.IsGradientClose(gradient, actual, share);
            }
        }
        Tensor gradientOfInput = EncoderCases.AsStored(input.Values.grad!)[0];
        Tensor stored = golden.Read("grad.input").narrow(0, 0, gradientOfInput.shape[0]);
        GoldenTensors.AssertGradientClose("grad.input", stored, gradientOfInput, share);
        string[] without = [.. facts.GetProperty("parameters_without_gradient").EnumerateArray()
            .Select(n => EncoderCases.Own(n.GetString()!, facts))];
        CollectionAssert.AreEquivalent(without, parameters.Keys.Where(n => !compared.Contains(n)).ToArray());
    }
}
