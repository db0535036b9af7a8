namespace SpeechML;

/// <summary>Makes the loss of a fit.</summary>
/// <typeparam name="TOptions">Options of the task.</typeparam>
/// <param name="options">The options of the fit.</param>
/// <param name="data">What is known of the training data: weights of classes and labels, where options want
/// them.</param>
public delegate Loss LossFactory<in TOptions>(TOptions options, TaskData data)
    where TOptions : SpeechTrainingOptions;
