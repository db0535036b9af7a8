using SpeechML.Encoders;
using SpeechML.Tasks;

namespace SpeechML.Model.HuggingFace;

/// <summary>
/// The Python program that gives a model's scores where no class of transformers does: written for the one model, so
/// that it is short.
/// </summary>
internal sealed class PythonProgram
{
    private readonly List<string> _lines = [];
    private readonly ModelManifest _facts;
    private readonly SpeechNetwork _network;
    private readonly HeadOptions _head;

    private PythonProgram(ModelManifest facts, SpeechNetwork network)
    {
        _facts = facts;
        _network = network;
        _head = facts.Head!;
    }

    /// <summary>Why there is none; empty where there is one.</summary>
    /// <param name="facts">The model.</param>
    public static string WhyNot(ModelManifest facts) =>
        facts.Head is null ? "the model has no head"
        : facts.PoolsTokens == true ? "the model pools the encoder's tokens"
        : Pooled(facts.Pooling) is null
            ? $"the pooling '{facts.Pooling}' is code of your own, which Python does not have"
        : Scores(facts) is not null ? ""
        : facts.Ordinal is { } loss ? $"the loss '{loss}' is code of your own, which Python does not have"
        : $"the task '{facts.Task}' is none that Python knows";

    /// <summary>The lines; empty where there are none (<see cref="WhyNot"/>).</summary>
    /// <param name="facts">The model.</param>
    /// <param name="network">Its network.</param>
    public static IReadOnlyList<string> Write(ModelManifest facts, SpeechNetwork network)
    {
        if (WhyNot(facts).Length > 0)
        {
            return [];
        }
        var program = new PythonProgram(facts, network);
        program.Begin();
        program.Encode();
        program.Combine();
        program.Finish();
        return program._lines;
    }

    private void Begin()
    {
        SpeechEncoder encoder = _network.Encoder;
        string name = EncoderNames.PythonModule(encoder).Class;
        name = EncoderNames.IsClassifier(name) ? EncoderFamily.Of(encoder).PythonClass : name;
        string path = EncoderNames.Prefix(encoder, name).TrimEnd('.');
        string loaded = $"{name}.from_pretrained(\".\")";
        bool adapted = _facts.Lora is not null;
        Add($"import {(IsTrimmed ? "inspect, " : "")}sys, wave, numpy, torch, torch.nn.functional as F");
        Add("from safetensors.torch import load_file");
        Add($"from transformers import AutoFeatureExtractor, {name}");
        if (adapted)
        {
            Add("from peft import PeftModel");
            loaded = $"PeftModel.from_pretrained({loaded}, \"./{SpeechModelFolder.AdapterFolder}\")";
        }
        Add("w, extractor = load_file(\"./head.safetensors\"), AutoFeatureExtractor.from_pretrained(\".\")");
        Add($"encoder = {loaded}.eval(){(adapted ? ".base_model.model" : "")}{(path.Length == 0 ? "" : $".{path}")}");
        if (_facts.SoftPrompt is not null && !IsTrimmed)
        {
            EncoderFamily family = EncoderFamily.Of(encoder);
            string first = family.ModuleName(encoder.Config.Groups.Layers[0] + ".");
            Add("prompt = lambda x: torch.cat([w[\"prompt.embedding\"][None], x], 1)");
            foreach (string hook in family.PythonPrompt)
            {
                Add($"encoder{("." + first)[..^".layers.0.".Length]}{hook}");
            }
        }
        Add("lin = lambda x, n: F.linear(x, w[n + \".weight\"], w[n + \".bias\"])");
        if (_head.LayerNorm || _head.FrameLayers > 0)
        {
            Add("norm = lambda x, n: F.layer_norm(x, x.shape[-1:], w[n + \".weight\"], w[n + \".bias\"])");
        }
        // 16 bits, mono, 16,000 Hz.
        Add("clip = numpy.frombuffer(wave.open(sys.argv[1]).readframes(1 << 30), \"<i2\") / " +
            "numpy.float32(32768)");
        if (_facts.ExtraFeatures is not null)
        {
            Add("e = torch.tensor([[float(v) for v in sys.argv[2:]]])");
        }
    }

    private bool IsLog => EncoderFamily.Of(_network.Encoder).PoolsSilence;

    private bool IsTrimmed => IsLog && _facts.WhisperContext == WhisperContext.Trimmed;

    private void Encode()
    {
        EncoderFamily family = EncoderFamily.Of(_network.Encoder);
        string input =
            "extractor(clip, sampling_rate=16000, return_tensors=\"pt\")[extractor.model_input_names[0]]" +
            family.PythonInput;
        int tokens = _facts.SoftPrompt?.Tokens ?? 0;
        int[] used = _facts.Layers.Length > 0 ? _facts.Layers : [_facts.Layer];
        bool last = used is [LayerSelection.LastNumber];
        if (IsTrimmed)
        {
            Add($"h, states = (h := F.gelu(encoder.conv2(F.gelu(encoder.conv1({input}[:, :, :-(-len(clip) // 160) + " +
                "100])))).transpose(1, 2)) + encoder.embed_positions.weight[:h.shape[1]], []");
            if (tokens > 0)
            {
                Add("h = torch.cat([w[\"prompt.embedding\"][None], h], 1)");
            }
            // Before transformers 5, layers ask for a mask of heads.
            Add("no = {n: None for n in (\"attention_mask\", \"layer_head_mask\") " +
                "if n in inspect.signature(encoder.layers[0].forward).parameters}");
            Add("for layer in encoder.layers:");
            Add("    states += [h]");
            Add("    h = out[0] if isinstance(out := layer(h, **no), tuple) else out");
            Add(_network.Encoder.BuiltLayers < _network.Encoder.Config.LayerCount ? "states += [h]"
                : "states += [encoder.layer_norm(h)]");
        }
        else
        {
            Add($"out = encoder({input}, output_hidden_states=True)");
            Add(last ? "states = [out.last_hidden_state]" : "states = out.hidden_states");
        }
        string frames = IsLog && _facts.PoolsSilence != true ? "[:, :(-(-len(clip) // 160) - 1) // 2 + 1]" : "";
        bool cuts = tokens > 0 && !(last && family.PythonDropsPrompt);
        string cut = (cuts ? $"[:, {tokens} - states[-1].shape[1]:]" : "") + frames +
            family.PythonFrames(_network.Encoder.Config);
        Add(used.Length == 1 ? $"h = states[{used[0]}]{cut}"
            : $"states = [states[i]{cut} for i in [{string.Join(", ", used)}]]");
    }

    private void Combine()
    {
        if (_facts.Layers.Length > 1)
        {
            Add(_facts.LayerCombination switch
            {
                LayerCombination.WeightedSum =>
                    "h = (w[\"mix.weights\"].softmax(0).view(-1, 1, 1, 1) * torch.stack(states)).sum(0)",
                LayerCombination.Concatenate => "h = torch.cat(states, -1)",
                _ => "h = torch.stack(states).mean(0)",
            });
        }
        if (_head.FrameLayers == 0)
        {
            return;
        }
        int heads = _head.FrameAttentionHeads;
        Add($"for p in [f\"frame_head.layers.{{i}}.\" for i in range({_head.FrameLayers})]:");
        Add($"    q, k, v = (lin(norm(h, p + \"attention_norm\"), p + c + \"_proj\").view(1, -1, {heads}, " +
            $"h.shape[-1] // {heads}).transpose(1, 2) for c in \"qkv\")");
        Add("    h = h + lin(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(h.shape), " +
            "p + \"out_proj\")");
        Add("    h = h + lin(F.gelu(lin(norm(h, p + \"feed_forward_norm\"), p + \"fc1\")), p + \"fc2\")");
        Add("h = norm(h, \"frame_head.norm\")");
    }

    private void Finish()
    {
        Add($"x = {Pooled(_facts.Pooling)}");
        if (_facts.ExtraFeatures is not null)
        {
            Add("x = torch.cat([x, ((e - w[\"extra.mean\"]) * w[\"extra.factor\"]).masked_fill(~e.isfinite(), 0), " +
                "~e.isfinite() * w[\"extra.signs\"]], 1)");
        }
        // Inputs for all outputs are one stack's.
        int stacks = _head.PerTarget || _facts.HeadInputs is { Length: > 1 } ? _facts.Outputs : 1;
        string stack = $"s + \".layers.{_head.HiddenLayers}\"";
        string inner = Inner();
        string each = $"[lin({inner}, {stack}) for s in [f\"head.stacks.{{k}}\" for k in range({stacks})]]";
        if (_facts.HeadInputs is { } inputs)
        {
            int size = _network.Encoder.Config.HiddenSize;
            string runs = string.Join(", ", inputs.Select(i => "[" + string.Join(", ",
                i.In(_network.Layers.Numbers, size,
                    (_network.Pooling.OutputSize, _network.Extra?.OutputSize ?? 0))
                    .Select(r => $"({r.Start}, {r.Start + r.Length})")) + "]"));
            Add($"given = [torch.cat([x[:, a:b] for a, b in runs], 1) for runs in [{runs}]]");
            each = $"[lin({inner}, {stack}) for x, s in " +
                $"zip(given, [f\"head.stacks.{{k}}\" for k in range({stacks})])]";
        }
        bool levels = _facts.Ordinal is { } ordinal && OrdinalLoss.Create(ordinal).SharesWeights;
        Add($"x = torch.cat({each}, 1)[0]{(levels ? " + w[\"head.level_bias\"]" : "")}");
        foreach (string line in Scores(_facts)!)
        {
            Add(line);
        }
        string labels = string.Join(", ", (_facts.Labels?.Values ?? []).Select(Text));
        Add($"print(dict(zip([{labels}], x.tolist())))");
    }

    /// <summary>The hidden layers of a stack as one expression.</summary>
    private string Inner()
    {
        string Normed(string x, int k) => _head.LayerNorm ? $"norm({x}, s + \".norms.{k}\")" : x;
        if (_head.HiddenLayers == 0)
        {
            return Normed("x", 0);
        }
        string value = "x";
        for (int k = 0; k < _head.HiddenLayers; k++)
        {
            value = Normed($"lin({value}, s + \".layers.{k}\")", k);
            value = _head.Activation switch
            {
                HeadActivation.Relu => $"F.relu({value})",
                HeadActivation.Gelu => $"F.gelu({value})",
                HeadActivation.Tanh => $"torch.tanh({value})",
                HeadActivation.Sigmoid => $"torch.sigmoid({value})",
                _ => value,
            };
        }
        return value;
    }

    private static string? Pooled(string pooling) =>
        pooling == SpeechPooling.Mean ? "h.mean(1)"
            : pooling == SpeechPooling.Max ? "h.amax(1)"
            : pooling == SpeechPooling.Min ? "h.amin(1)"
            : pooling == SpeechPooling.MeanStd
                ? "torch.cat([h.mean(1), h.var(1, unbiased=False).clamp_min(1e-10).sqrt()], 1)"
            : pooling == SpeechPooling.Attention ? "(lin(h, \"pooling.score\").softmax(1) * h).sum(1)"
            : pooling == SpeechPooling.AttentionTanh
                ? "(lin(lin(h, \"pooling.hidden\").tanh(), \"pooling.score\").softmax(1) * h).sum(1)" : null;

    private static string[]? Scores(ModelManifest facts)
    {
        // P(class > k) to those of classes: none below 0, together 1.
        static string[] Ordered(string above) =>
            [$"x = F.normalize(torch.diff(1 - {above}, prepend=torch.zeros(1), append=torch.ones(1)).clamp_min(0), " +
            "p=1, dim=0)"];
        if (facts.Ordinal is { } loss)
        {
            return loss == OrdinalLoss.Coral ? Ordered("x.sigmoid()")
                : loss == OrdinalLoss.Corn ? Ordered("x.sigmoid().cumprod(0)")
                : loss == OrdinalLoss.EarthMovers ? ["x = x.softmax(0)"] : null;
        }
        return TaskDescription.Saved(facts.Task)?.Task switch
        {
            SpeechTask.Multiclass => ["x = x.softmax(0)"],
            SpeechTask.MultiLabel or SpeechTask.Binary => ["x = x.sigmoid()"],
            SpeechTask.Regression => [],
            _ => null,
        };
    }

    // A JSON text of ASCII is one of Python.
    private static string Text(string label) => System.Text.Json.JsonSerializer.Serialize(label);

    private void Add(string line) => _lines.Add(line);
}
