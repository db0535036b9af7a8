using SpeechML.Encoders;
using System.Globalization;
using System.Text;
using SpeechML.Encoders.Kernels;
using SpeechML.Model;
using TorchSharp.Modules;

namespace SpeechML;

/// <summary>How many parameters a model has and how many of them train, part by part.</summary>
public sealed class SpeechParameterTable
{
    private SpeechParameterTable(IReadOnlyList<Row> rows)
    {
        Rows = rows;
    }

    /// <summary>The parts, from the front end up to the head.</summary>
    public IReadOnlyList<Row> Rows { get; }

    /// <summary>All parameters.</summary>
    public long All => Rows.Sum(r => r.All);

    /// <summary>Those that train.</summary>
    public long Trained => Rows.Sum(r => r.Trained);

    /// <summary>One part of a model.</summary>
    /// <param name="Part">Its name: <c>front end</c>, <c>layer 3</c>, <c>adapters of layer 3</c>, <c>head</c>,
    /// ...</param>
    /// <param name="All">Parameters (numbers) that it has.</param>
    /// <param name="Trained">Those of them that train.</param>
    public sealed record Row(string Part, long All, long Trained);

    /// <summary>A table: part, parameters, those that train, share.</summary>
    public override string ToString()
    {
        int width = Rows.Max(r => r.Part.Length);
        var text = new StringBuilder();
        foreach (Row row in Rows.Append(new Row("all", All, Trained)))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{row.Part.PadRight(width)}  {row.All,13:N0}  {row.Trained,13:N0} train  " +
                $"{(row.All == 0 ? 0 : (double)row.Trained / row.All),7:P1}").AppendLine();
        }
        return text.ToString();
    }

    internal static SpeechParameterTable Of(SpeechNetwork network)
    {
        network.ThrowIfDisposed();
        using WeightAccess access = WeightAccess.Begin();
        var rows = new Dictionary<(int Order, string Part), (long All, long Trained)>();
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            (int, string) part = PartOf(name, network.Encoder.Config.Groups);
            (long all, long trained) = rows.GetValueOrDefault(part);
            rows[part] = (all + parameter.numel(), trained + (parameter.requires_grad ? parameter.numel() : 0));
        }
        return new SpeechParameterTable(
            [.. rows.OrderBy(r => r.Key.Order).Select(r => new Row(r.Key.Part, r.Value.All, r.Value.Trained))]);
    }

    private static (int Order, string Part) PartOf(string name, EncoderParameterGroups groups)
    {
        // Above any number of layers, so that the parts sort from the input to the output.
        const int AboveLayers = 1_000_000;
        const string Encoder = SpeechNetwork.EncoderPrefix;
        if (!name.StartsWith(Encoder, StringComparison.Ordinal))
        {
            string module = name[..name.IndexOf('.', StringComparison.Ordinal)];
            return module switch
            {
                "prompt" => (3, "soft prompt"),
                "mix" => (AboveLayers + 1, "weights of layers"),
                "frame_head" => (AboveLayers + 2, "head over frames"),
                "pooling" => (AboveLayers + 3, "pooling"),
                _ => (AboveLayers + 4, module),
            };
        }
        name = name[Encoder.Length..];
        bool adapter = LoraAdapter.IsAdapterParameter(name);
        int layer = groups.LayerOf(name);
        return layer >= 0 ? (10 + (2 * layer) + (adapter ? 1 : 0),
            FormattableString.Invariant($"{(adapter ? "adapters of " : "")}layer {layer}"))
            : EncoderParameterGroups.Contains(groups.FinalNorm, name) ? (AboveLayers, "final layer norm")
            : EncoderParameterGroups.Contains(groups.FrontEnd, name) ? (0, "front end")
            : EncoderParameterGroups.Contains(groups.Projection, name) ? (1, "feature projection")
            : (2, "positions and norm");
    }
}
