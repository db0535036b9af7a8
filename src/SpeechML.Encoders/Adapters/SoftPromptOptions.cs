using SpeechML.Audio.Options;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>What a soft prompt's vectors are drawn from before training.</summary>
public enum SoftPromptInitialization
{
    /// <summary>
    /// A normal distribution around 0 with standard deviation <see cref="SoftPromptOptions.InitialScale"/>.
    /// </summary>
    Normal,

    /// <summary>
    /// Evenly between -<see cref="SoftPromptOptions.InitialScale"/> and <see cref="SoftPromptOptions.InitialScale"/>
    /// (Lester et al. 2021 take 0.5).
    /// </summary>
    Uniform,
}

/// <summary>
/// Soft prompts (prompt tuning, Lester et al. 2021): learned vectors put before the frames of every clip at the input
/// of the first transformer layer. All layers attend to
/// them; they are never pooled and in no hidden state that is given out. They stand after the front end and have no
/// position of their own: frames keep the positions they have without a
/// prompt (convolutional or sinusoidal), and WavLM's relative bias sees the prompt as the frames before the first.
/// </summary>
public sealed record SoftPromptOptions
{
    // Beyond 1024 a prompt costs more attention than a minute of speech.

    /// <summary>Vectors to learn; 0, the default, for no prompt.</summary>
    [InRange("0 (no prompt) to 1024", Min = 0, Max = 1024)]
    public int Tokens { get; set; }

    /// <summary>What they are drawn from. The default is a normal distribution.</summary>
    public SoftPromptInitialization Initialization { get; set; } = SoftPromptInitialization.Normal;

    /// <summary>Size of the initial values, see <see cref="Initialization"/>. The default is 0.02.</summary>
    [InRange("a number above 0", Above = 0)]
    public double InitialScale { get; set; } = 0.02;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate()
    {
        OptionModel.Of(typeof(SoftPromptOptions)).Validate(this, "SoftPrompt.");
        Check(Tokens > 0 || this == new SoftPromptOptions(), "SoftPrompt.Tokens",
            "at least 1, because other options of SoftPrompt are set", Tokens);
    }
}
