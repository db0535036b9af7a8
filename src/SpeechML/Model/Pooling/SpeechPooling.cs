namespace SpeechML;

/// <summary>How the frames of a clip become one vector. Padding never counts.</summary>
public enum SpeechPooling
{
    /// <summary>Mean over frames.</summary>
    Mean,

    /// <summary>Largest value over frames, per dimension.</summary>
    Max,

    /// <summary>Smallest value over frames, per dimension.</summary>
    Min,

    /// <summary>Mean and population standard deviation side by side: the vector is twice as long.</summary>
    MeanStd,

    /// <summary>Mean weighted by a learned softmax over frames: one linear score per frame.</summary>
    Attention,

    /// <summary>As <see cref="Attention"/>, the score seen through a tanh layer (Lin et al. 2017).</summary>
    AttentionTanh,
}
