using SpeechML.Sweeps.Running;

namespace SpeechML.Sweeps.Studies;

/// <summary>What a study decides by.</summary>
/// <param name="Space">The search space.</param>
/// <param name="Plan">The fits of each trial, and their metric.</param>
/// <param name="Settings">Tuner, pruner, seed, number of trials and of models kept.</param>
internal sealed record StudyRules(ParameterSpace Space, RunPlan Plan, SweepSettings Settings);
