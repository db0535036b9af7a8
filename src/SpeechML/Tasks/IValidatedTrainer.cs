using Microsoft.ML;

namespace SpeechML.Tasks;

/// <summary>A trainer that evaluates every epoch on data of its own.</summary>
internal interface IValidatedTrainer
{
    /// <summary>Trains on one part of the data and evaluates every epoch on another.</summary>
    ITransformer FitValidated(IDataView trainData, IDataView? validationData);
}
