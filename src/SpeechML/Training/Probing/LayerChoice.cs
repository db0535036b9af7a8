using SpeechML.Audio.Options;
using SpeechML.Encoders.Adapters;
using SpeechML.Model.Heads;

namespace SpeechML.Training.Probing;

/// <summary>Layers that were chosen for one fit, and the head that goes with them.</summary>
internal sealed class LayerChoice : IDisposable
{
    private readonly FeatureTable _table;
    private readonly LayerProbe _probe;
    private readonly LinearObjective _objective;

    /// <param name="options">The options, with <c>auto</c> layers.</param>
    /// <param name="search">What was found.</param>
    /// <param name="table">Features of the training clips; of the choice from now on.</param>
    /// <param name="probe">The linear models.</param>
    /// <param name="objective">What they minimise.</param>
    /// <param name="metric">What they were compared by.</param>
    public LayerChoice(
        SpeechTrainingOptions options, LayerSearch search, FeatureTable table, LayerProbe probe,
        LinearObjective objective, SpeechMetric metric)
    {
        (_table, _probe, _objective) = (table, probe, objective);
        bool apart = options.Head.PerTarget || options.Head.HiddenLayers == 0;
        if (!apart && search.Outputs.Length > 1)
        {
            // One stack of hidden layers has one input.
            int all = LayerProbe.BestForAll(search, metric);
            search = search with { Picked = [.. search.Outputs.Select(_ => all)] };
        }
        Search = search;
        LayerFeatures[] picked = [.. search.Picked.Select(i => search.Candidates[i].Features)];
        int[] layers = [.. picked.SelectMany(p => p.Layers).Distinct().Order()];
        UsesExtras = Array.Exists(picked, p => p.Extra);
        // A network has an encoder, of which extra features alone need nothing.
        Pooled = new LayerFeatures(layers.Length > 0 ? layers : [0], Array.Exists(picked, p => p.Deviation))
        {
            Extra = UsesExtras,
        };
        HeadInputs = search.Picked.Distinct().Count() > 1 ? picked : layers.Length == 0 ? [picked[0]] : null;
        Options = Resolved(options);
    }

    /// <summary>The options with the layers that were chosen.</summary>
    public SpeechTrainingOptions Options { get; }

    /// <summary>How they were chosen.</summary>
    public LayerSearch Search { get; }

    /// <summary>What the network pools.</summary>
    public LayerFeatures Pooled { get; }

    /// <summary>Whether the network takes extra features.</summary>
    public bool UsesExtras { get; }

    /// <summary>
    /// What each output is given; one where all are given a part, <see langword="null"/> where all are given all.
    /// </summary>
    public LayerFeatures[]? HeadInputs { get; }

    /// <summary>Whether the solution is the head, so that nothing is left to train.</summary>
    public bool IsSolved => _objective.IsTheOption && IsLinear && Options.Head.Dropout == 0 && IsFrozen
        && !Options.SpecAugment.IsOn && Options.Sampling == ClipSampling.Shuffled;

    /// <summary>Whether the head begins as a solution.</summary>
    public bool IsLinear => Options.Head is { HiddenLayers: 0, LayerNorm: false };

    /// <summary>Whether nothing of the encoder trains.</summary>
    public bool IsFrozen => Options.Freezing == LayerFreezing.All && Options.Lora.Rank == 0;

    /// <summary>The training clips as the network pools them; the caller disposes.</summary>
    public TrainingSet Clips() => _table.Select(Pooled);

    /// <summary>Gives a linear head the solution on all training clips.</summary>
    public void Solve(LinearHead head)
    {
        foreach (int candidate in Search.Picked.Distinct())
        {
            using LinearProbe probe = _probe.Refit(Search.Candidates[candidate]);
            if (!head.IsApart)
            {
                head.SetOutput(0, probe.Weight, probe.Bias);
                continue;
            }
            for (int k = 0; k < probe.Bias.shape[0]; k++)
            {
                if (Search.Picked.Length == 1 || Search.Picked[k] == candidate)
                {
                    head.SetOutput(k, probe.Weight.narrow(1, k, 1), probe.Bias.narrow(0, k, 1));
                }
            }
        }
    }

    public void Dispose() => _table.Clips.Dispose();

    private SpeechTrainingOptions Resolved(SpeechTrainingOptions options)
    {
        SpeechTrainingOptions used = options.Copy();
        used.Layers = string.Join(',', Pooled.Layers);
        used.LayerCombination = LayerCombination.Concatenate;
        used.Pooling = Pooled.Deviation ? SpeechPooling.MeanStd : SpeechPooling.Mean;
        bool begins = options.Head is { HiddenLayers: 0, LayerNorm: false };
        if (begins && !(options.Freezing == LayerFreezing.All && options.Lora.Rank == 0))
        {
            // A solution that moves at the rate of a random head would be lost before the encoder has learned
            // (linear probing, then fine-tuning: Kumar et al. 2022).
            used.HeadLearningRate = Math.Min(used.HeadLearningRate, used.EncoderRateInUse);
        }
        int built = Pooled.Layers[^1];
        if (!LayerFreezing.Words.Contains(used.Freezing))
        {
            // Layers that are cut off need not be frozen.
            string[] kept = [.. FreezingChecks.Names(used), .. FreezingChecks.Numbers(used).Where(n => n < built)
                .Select(n => FormattableString.Invariant($"{n}"))];
            used.Freezing = kept.Length > 0 ? string.Join(',', kept) : LayerFreezing.Optional;
        }
        if (used.Lora.Layers.Length > 0)
        {
            int[] kept = [.. OptionList.Ranges(used.Lora.Layers, "Lora.Layers").Where(n => n < built)];
            OptionChecks.Check(kept.Length > 0, "Lora.Layers",
                $"some of layers 0 to {built - 1}, because Layers is '{EncoderLayers.Auto}' and " +
                $"{Search.Summary()} was chosen; or set Layers", used.Lora.Layers);
            used.Lora.Layers = string.Join(',', kept);
        }
        return used;
    }
}
