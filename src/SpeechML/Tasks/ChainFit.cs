using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML.Tasks;

/// <summary>
/// Fits a chain of estimators as ML.NET's <c>EstimatorChain.Fit</c> does, with a second part of the data that goes
/// through the same fitted transformers and reaches the trainer as its validation data.
/// </summary>
internal static class ChainFit
{
    /// <summary>Whether a trainer that takes validation data is in an estimator.</summary>
    public static bool HasTrainer(IEstimator<ITransformer> estimator) =>
        estimator is IValidatedTrainer || Parts(estimator).Any(HasTrainer);

    /// <summary>The estimators by name, those of chains within the chain too; for messages.</summary>
    public static IEnumerable<string> Names(IEstimator<ITransformer> estimator) =>
        Parts(estimator) is { Length: > 0 } parts ? parts.SelectMany(Names) : [estimator.GetType().Name];

    public static TransformerChain<T> Fit<T>(
        MLContext mlContext, EstimatorChain<T> chain, IDataView trainData, IDataView validationData)
        where T : class, ITransformer
    {
        IEstimator<ITransformer>[] estimators = Fields<T>.Estimators(chain);
        bool[] cached = Fields<T>.NeedCacheAfter(chain);
        var fitted = new List<ITransformer>();
        try
        {
            for (int i = 0; i < estimators.Length; i++)
            {
                ITransformer step = FitOne(mlContext, estimators[i], trainData, validationData);
                fitted.Add(step);
                if (i == estimators.Length - 1)
                {
                    break;
                }
                trainData = step is ITransformerWithDifferentMappingAtTrainingTime augmenting
                    ? augmenting.TransformForTrainingPipeline(trainData) : step.Transform(trainData);
                validationData = step.Transform(validationData);
                if (cached[i])
                {
                    trainData = mlContext.Data.Cache(trainData);
                    validationData = mlContext.Data.Cache(validationData);
                }
            }
            return new TransformerChain<T>(fitted, Fields<T>.Scopes(chain));
        }
        catch
        {
            fitted.ForEach(f => (f as IDisposable)?.Dispose());
            throw;
        }
    }

    private static ITransformer FitOne(
        MLContext mlContext, IEstimator<ITransformer> estimator, IDataView trainData, IDataView validationData)
    {
        if (estimator is IValidatedTrainer trainer)
        {
            return trainer.FitValidated(trainData, validationData);
        }
        if (estimator is IFittedOnValidation)
        {
            return estimator.Fit(validationData);
        }
        return HasTrainer(estimator) ? FitInner(mlContext, estimator, trainData, validationData)
            : estimator.Fit(trainData);
    }

    // A chain within the chain; the type of its last transformer is known at run time only.
    private static ITransformer FitInner(
        MLContext mlContext, IEstimator<ITransformer> chain, IDataView trainData, IDataView validationData) =>
        (ITransformer)typeof(ChainFit).GetMethod(nameof(Fit))!
            .MakeGenericMethod(chain.GetType().GetGenericArguments())
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [mlContext, chain, trainData, validationData], null)!;

    private static IEstimator<ITransformer>[] Parts(IEstimator<ITransformer> estimator)
    {
        Type type = estimator.GetType();
        return !type.IsGenericType || type.GetGenericTypeDefinition() != typeof(EstimatorChain<>) ? []
            : (IEstimator<ITransformer>[])typeof(ChainFit)
                .GetMethod(nameof(PartsOf), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [estimator])!;
    }

    private static IEstimator<ITransformer>[] PartsOf<T>(EstimatorChain<T> chain)
        where T : class, ITransformer => Fields<T>.Estimators(chain);

    /// <summary>What a chain does not show.</summary>
    private static class Fields<T>
        where T : class, ITransformer
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_estimators")]
        public static extern ref IEstimator<ITransformer>[] Estimators(EstimatorChain<T> chain);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_scopes")]
        public static extern ref TransformerScope[] Scopes(EstimatorChain<T> chain);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_needCacheAfter")]
        public static extern ref bool[] NeedCacheAfter(EstimatorChain<T> chain);
    }
}
