using System.Globalization;
using System.Text;
using SpeechML.Data.Checking;
using SpeechML.Encoders;
using SpeechML.Model.HuggingFace;
using SpeechML.Tasks;

namespace SpeechML.Model;

/// <summary>What a written folder says to those who open it.</summary>
internal static class SpeechModelReadme
{
    /// <param name="facts">The model.</param>
    /// <param name="network">Its network.</param>
    /// <param name="python">The Python class that the folder is one of; <see langword="null"/> for none.</param>
    /// <param name="why">Why it is none.</param>
    public static string Write(ModelManifest facts, SpeechNetwork network, PythonHead? python, string why)
    {
        SpeechEncoder encoder = network.Encoder;
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');
        string type = encoder.Config.ModelType;
        EncoderFamily family = EncoderFamily.Of(encoder);
        string states = facts.Layers.Length > 0 ? string.Join(", ", facts.Layers)
            : facts.Layer.ToString(CultureInfo.InvariantCulture);
        bool last = facts.Layers.Length == 0 && facts.Layer < 0;

        Line("# Fine-tuned speech model");
        Line();
        Line($"Written by SpeechML. Encoder `{type}`; task `{facts.Task ?? "none"}`; {facts.Outputs} " +
            "outputs" +
            $"{(facts.Labels is { } labels ? ": " + string.Join(", ", labels.Values.Select(Code)) : "")}.");
        Line();
        if (python is not null)
        {
            Line($"- `config.json`, `model.safetensors`, `preprocessor_config.json`: a `{python.Class}` for Hugging " +
                "Face transformers.");
            Line(facts.Lora is null
                ? "  `pipeline(\"audio-classification\", folder)(clip, top_k=None, function_to_apply=" +
                $"\"{Function(facts)}\")` gives the model's scores (what is not said at the call, older versions of " +
                "transformers take as softmax)."
                : "  Its scores are those of a model without the adapter, which belongs on it.");
        }
        else
        {
            Line("- `config.json`, `model.safetensors`, `preprocessor_config.json`: the encoder, for Hugging Face " +
                "transformers:");
            Line($"  {family.PythonUse}");
        }
        if (facts.Lora is not null)
        {
            string name = python?.Class ?? EncoderNames.PythonModule(encoder).Class;
            Line($"- `{SpeechModelFolder.AdapterFolder}`: the adapter, for PEFT: " +
                $"`PeftModel.from_pretrained({name}.from_pretrained(folder), folder + " +
                $"\"/{SpeechModelFolder.AdapterFolder}\")`. Without it the encoder is the pretrained one.");
            if (family.PeftNote.Length > 0)
            {
                Line($"  {family.PeftNote}");
            }
        }
        Line($"- `{SpeechModelFolder.HeadFile}`: what stands on the encoder. The pooling is `{facts.Pooling}` over " +
            $"the valid frames of " +
            $"{(last ? "`last_hidden_state`" : $"`hidden_states` {states}")}" +
            $"{(facts.Layers.Length > 0 ? $", combined by `{facts.LayerCombination}`" : "")}.");
        Line($"- `{SpeechModelFolder.FactsFile}`: all options, and the labels with their type." +
            (python is not null ? "" : " `config.json` has none: by labels there Python's"));
        if (python is null)
        {
            Line("  `pipeline(\"audio-classification\")` would take the encoder for a classifier, and draw its head " +
                "at random.");
        }
        Line();
        Line($"The hidden state in use is {HiddenState(facts, encoder, last, states)}.");
        int written = EncoderFolder.WrittenLayers(encoder);
        if (encoder.BuiltLayers < encoder.Config.LayerCount)
        {
            Line();
            Line($"The pretrained encoder has {encoder.Config.LayerCount} layers; those above the highest hidden " +
                $"state in use were left out. `hidden_states` 0 to {encoder.BuiltLayers} are the encoder's; " +
                $"`last_hidden_state` is not to be used"
                + (written > encoder.BuiltLayers
                    ? $", and layer {written - 1} (counted from 0) passes its input on: it is there because Hugging " +
                    $"Face would norm the highest state, or has no encoder without layers."
                    : " where the model norms it."));
        }
        if (python is null)
        {
            string[] numbers = [.. (facts.ExtraFeatures ?? []).SelectMany(f => f.Names)];
            Line();
            Line($"No classification class of transformers computes what the model does: {why}.");
            if (PythonProgram.WhyNot(facts) is { Length: > 0 } none)
            {
                Line($"No program in Python gives its scores either: {none}. SpeechML's `LoadHuggingFace` reads the " +
                    "folder.");
            }
            else
            {
                WriteProgram(Line, PythonProgram.Write(facts, network), numbers);
            }
        }
        return text.ToString();
    }

    /// <summary>What makes scores of the outputs.</summary>
    private static string Function(ModelManifest facts) => TaskDescription.Saved(facts.Task)?.Task switch
    {
        SpeechTask.MultiLabel or SpeechTask.Binary => "sigmoid",
        SpeechTask.Regression => "none",
        _ => "softmax",
    };

    private static void WriteProgram(
        Action<string> line, IReadOnlyList<string> program, string[] numbers)
    {
        line("This program, run in the folder with a clip (WAV of 16 bits, mono, 16,000 Hz)" +
            (numbers.Length == 0 ? "" : $" and its numbers {string.Join(", ", numbers.Select(Code))} (nan where " +
            "one is missing)") + ", prints the model's scores.");
        line("");
        line("```python");
        foreach (string code in program)
        {
            line(code);
        }
        line("```");
    }

    private static string Fence(string line) => new('`', line.Count(c => c == '`') + 1);

    // Text of the user as code: on one line, with more backticks around it than it has in a row.
    private static string Code(string text)
    {
        string line = VisibleText.Of(text).ReplaceLineEndings(" ").Replace('\t', ' ');
        return line.Contains('`', StringComparison.Ordinal)
            ? $"{Fence(line)} {line} {Fence(line)}" : $"`{line}`";
    }

    /// <summary>What Python calls the hidden states that feed the pooling.</summary>
    private static string HiddenState(ModelManifest facts, SpeechEncoder encoder, bool last, string states) =>
        last ? "`model(...).last_hidden_state`"
            : $"`model(..., output_hidden_states=True).hidden_states[{states}]`" +
            (facts.Layers.Length > 0 ? $" (of several, combined by `{facts.LayerCombination}`)" : "") +
            $", counted from 0 (the input of the first layer) to {encoder.Config.LayerCount}";
}
