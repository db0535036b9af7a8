namespace SpeechML;

/// <summary>Words of <see cref="SpeechTrainingOptions.Layers"/>.</summary>
public static class EncoderLayers
{
    /// <summary>
    /// Those that linear models on the frozen encoder tell the training clips apart by best, compared on inner folds
    /// that keep subjects together (<see cref="SpeechTrainingOptions.SubjectColumnName"/>): the mean and deviation over
    /// frames of one hidden state, or the means of all; of several labels for each. Trainers only.
    /// </summary>
    public const string Auto = "auto";

    /// <summary>The encoder's last hidden state, <c>last_hidden_state</c>.</summary>
    public const string Last = "last";

    /// <summary>Every hidden state, that before the first layer among them.</summary>
    public const string All = "all";
}
