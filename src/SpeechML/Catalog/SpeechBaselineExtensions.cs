using Microsoft.ML.Runtime;
using SpeechML;
using SpeechML.Data.Interop;
using SpeechML.Runs.Baselines;

namespace Microsoft.ML;

/// <summary>Puts plain models beside the network of a run.</summary>
public static class SpeechBaselineExtensions
{
    /// <summary>
    /// Fits a linear and a tree model of ML.NET (logistic regression or maximum entropy, FastTree) on numbers of the
    /// training clips, and says for each label whether the network is better on a part that it was evaluated on, with a
    /// paired interval by subject: <c>baselines.json</c>, and a section of the report. Also what the numbers themselves
    /// say (<c>measures.json</c>, <see cref="SpeechRun.Measures"/>, another section): the training clips' by label,
    /// what the linear model loses without each, and those of the clips that the run keeps among the training clips'.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="mlContext">The context, for its log; the models' seed is the run's.</param>
    /// <param name="train">What the network learned from, with label and numbers.</param>
    /// <param name="data">The part, the rows that <c>run.Evaluate</c> was given.</param>
    /// <param name="columns">Label, names of clips, subjects.</param>
    /// <param name="featureColumns">Columns of numbers, single ones or vectors of known size. They are standardised by
    /// the training clips; what is missing stands at the mean, with a sign that it is missing.</param>
    /// <param name="split">What the part is called.</param>
    /// <param name="cancellationToken">Ends it between two models.</param>
    /// <returns>For each plain model the figure over all labels, then of each.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the part was not evaluated, or on
    /// other clips.</exception>
    public static IReadOnlyList<RunBaseline> EvaluateBaselines(
        this SpeechRun run, MLContext mlContext, IDataView train, IDataView data, SpeechRunColumns columns,
        IReadOnlyList<string> featureColumns, string split = "test", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(featureColumns);
        ArgumentException.ThrowIfNullOrEmpty(split);
        columns.Validate();
        SpeechML.Data.Extras.ExtraColumns.Check(
            SchemaShape.Create(train.Schema), [.. featureColumns], columns.Label);
        var cancellation = new Cancellation(run.Context, cancellationToken);
        (List<RunBaseline> found, RunMeasures measures) = RunBaselines.Compare(
            run, train, data, columns, [.. featureColumns], split, cancellation);
        run.Add(split, found);
        run.Add(measures);
        using IChannel channel = ((IHostEnvironment)mlContext).Start(nameof(EvaluateBaselines));
        foreach (RunBaseline one in found)
        {
            channel.Info("{0} on {1}, {2}{3}: network {4:F3}, plain {5:F3}", one.Model, one.Features, one.Metric,
                one.Label.Length > 0 ? " of " + one.Label : "", one.Network, one.Baseline);
        }
        return found;
    }
}
