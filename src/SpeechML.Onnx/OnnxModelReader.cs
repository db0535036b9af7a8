using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Runtime;
using SpeechML.Data.Onnx;
using SpeechML.Onnx.Running;
using SpeechML.Onnx.Wire;

namespace SpeechML.Onnx;

/// <summary>Reads ONNX models that SpeechML wrote, and refuses what is not one or does not fit together.</summary>
internal static class OnnxModelReader
{
    /// <param name="env">Whose <c>GpuDeviceId</c> counts.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="what">What the file is, for messages.</param>
    /// <param name="folder">Where it is; <see langword="null"/> of a zip.</param>
    /// <exception cref="FormatException">The file is not what SpeechML writes; names it.</exception>
    public static (OnnxScorer Scorer, OnnxDescription Description) Read(
        IHostEnvironment env, byte[] bytes, string what, string? folder)
    {
        try
        {
            OnnxFile file = OnnxFile.Read(bytes);
            OnnxDescription description = Describe(file);
            (int? gpu, bool fallback) = Device(env);
            var scorer = new OnnxScorer(file, description, folder, gpu, fallback);
            try
            {
                Check(scorer, description);
                return (scorer, description);
            }
            catch
            {
                scorer.Dispose();
                throw;
            }
        }
        catch (FormatException error)
        {
            throw new FormatException($"ONNX model {what}: {error.Message.TrimEnd('.')}.", error);
        }
        catch (OnnxRuntimeException error)
        {
            throw new FormatException(
                $"ONNX model {what}: expected a graph that ONNX Runtime runs, got an error: " +
                $"{error.Message.TrimEnd('.')}. Export the model again.", error);
        }
    }

    private static OnnxDescription Describe(OnnxFile file)
    {
        if (!file.Metadata.TryGetValue(OnnxParts.FormatKey, out string? format)
            || !file.Metadata.TryGetValue(OnnxParts.DescriptionKey, out string? json))
        {
            throw new FormatException(
                $"expected a model that SpeechML.OnnxConverter wrote (metadata '{OnnxParts.FormatKey}'), got another " +
                "one; Microsoft.ML.OnnxTransformer runs any ONNX model");
        }
        if (!int.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || number is < 1 or > OnnxDescription.CurrentFormat)
        {
            throw new FormatException(
                $"expected format 1 to {OnnxDescription.CurrentFormat}, got '{format}': a newer version of SpeechML " +
                "wrote it, or it is damaged");
        }
        OnnxDescription description = OnnxDescription.Parse(json);
        string rate = description.Limits.SampleRate.ToString(CultureInfo.InvariantCulture);
        if (file.Metadata.GetValueOrDefault(OnnxParts.SampleRateKey) is var said && said != rate)
        {
            throw new FormatException(
                $"expected one sample rate, got {rate} Hz in its description and '{said}' in its metadata");
        }
        return description;
    }

    private static void Check(OnnxScorer scorer, OnnxDescription description)
    {
        int features = description.FeatureCount;
        NodeMetadata? input = scorer.Main.Inputs.GetValueOrDefault(OnnxParts.FeaturesInput);
        if (features > 0 != input is not null || (input is not null
            && (input.ElementType != typeof(float) || input.Dimensions is not [_, var numbers] || numbers != features)))
        {
            string expected = features == 0 ? $"no input '{OnnxParts.FeaturesInput}'"
                : FormattableString.Invariant($"an input '{OnnxParts.FeaturesInput}' of {features} numbers");
            string found = input is null ? "none"
                : $"one of {input.ElementType?.Name} ({string.Join(", ", input.Dimensions)})";
            throw new FormatException($"expected {expected}, as its description says, got {found}");
        }
        IReadOnlyDictionary<string, NodeMetadata> outputs = scorer.Main.Outputs;
        foreach (OnnxColumn column in description.Columns)
        {
            Type type = column.Element switch
            {
                OnnxElement.Single => typeof(float),
                OnnxElement.Boolean => typeof(bool),
                OnnxElement.Text => typeof(string),
                _ => typeof(uint),
            };
            int size = column.Element == OnnxElement.Key ? 1 : column.Size < 0 ? description.FrameSize
                : Math.Max(1, column.Size);
            string expected =
                FormattableString.Invariant($"an output '{column.Name}' of {type.Name} and {size} columns");
            if (!outputs.TryGetValue(column.Name, out NodeMetadata? output))
            {
                throw new FormatException($"expected {expected}, as its labels say, got none of the name");
            }
            if (output.ElementType != type || output.Dimensions.Length < 2 || output.Dimensions[^1] != size)
            {
                throw new FormatException(
                    $"expected {expected}, as its labels say, got {output.ElementType?.Name} " +
                    $"({string.Join(", ", output.Dimensions)})");
            }
        }
    }

    private static (int? Gpu, bool Fallback) Device(IHostEnvironment env) =>
        env is IHostEnvironmentInternal inner ? (inner.GpuDeviceId, inner.FallbackToCpu) : (null, true);
}
