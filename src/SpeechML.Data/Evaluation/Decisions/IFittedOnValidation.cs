namespace SpeechML.Data.Evaluation.Decisions;

/// <summary>
/// Marks an estimator behind a trainer that must not learn from what the trainer has learned from: calibration,
/// thresholds, weights of models.
/// </summary>
internal interface IFittedOnValidation;
