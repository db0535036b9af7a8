using static SpeechML.OptionChecks;

namespace SpeechML;

/// <summary>What soft prompts are before training.</summary>
public enum SoftPromptInitialization
{
    /// <summary>Normal numbers around 0.</summary>
    Normal,

    /// <summary>Normal numbers around the mean of the training clips' frames.</summary>
    MeanOfFrames,
}

/// <summary>Soft prompts (Lester et al. 2021): learned vectors before the frames of every clip, which attention sees and pooling does not.</summary>
public sealed record SoftPromptOptions
{
    /// <summary>Vectors before each clip; 0 for none.</summary>
    public int Tokens { get; set; }

    /// <summary>What they are before training.</summary>
    public SoftPromptInitialization Initialization { get; set; } = SoftPromptInitialization.Normal;

    /// <summary>Standard deviation of the normal numbers.</summary>
    public double StandardDeviation { get; set; } = 0.02;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate()
    {
        Check(Tokens >= 0, "SoftPrompt.Tokens", "0 (none) or more", Tokens);
        CheckEnum(Initialization, "SoftPrompt.Initialization");
        // Equal vectors would get equal gradients and stay equal.
        Check(StandardDeviation > 0 && double.IsFinite(StandardDeviation), "SoftPrompt.StandardDeviation", "a number above 0", StandardDeviation);
    }
}
