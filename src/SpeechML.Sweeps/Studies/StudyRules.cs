using SpeechML.Sweeps.Space;

namespace SpeechML.Sweeps.Studies;

/// <summary>What a study goes by.</summary>
/// <param name="Space">The search space.</param>
/// <param name="Plan">The runs of each trial, and what they are judged by.</param>
/// <param name="Tuner">Chooses what a trial tries.</param>
/// <param name="Pruner">Says whether a trial is worth going on with.</param>
/// <param name="Seed">Seed of the tuner.</param>
/// <param name="Trials">Trials in all; <see langword="null"/> for as many as the tuner has.</param>
/// <param name="Models">How many of the best trials' checkpoints are kept.</param>
internal sealed record StudyRules(
    ParameterSpace Space, RunPlan Plan, SweepTuner Tuner, SweepPruner Pruner, int Seed, int? Trials, int Models);
