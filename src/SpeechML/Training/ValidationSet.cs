using SpeechML.Model;
using SpeechML.Recordings;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>Turns loss, targets and outputs of all validation clips into metrics.</summary>
internal delegate ValidationMetrics EvaluateOutputs(
    double loss, IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs);

/// <summary>
/// The validation clips, kept at the same point as the training clips are, and how they are evaluated.
/// </summary>
internal sealed class ValidationSet(TrainingSet clips, EvaluateOutputs evaluate)
{
    /// <summary>The metrics of the network as it is, which is left in evaluation mode.</summary>
    /// <param name="network">The network.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="batchSize">Clips at a time.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="throwIfCancelled">Called before each batch.</param>
    public ValidationMetrics Evaluate(
        SpeechNetwork network, Loss loss, int batchSize, Device device, Action throwIfCancelled)
    {
        network.eval();
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using var totals = new LossTotals();
        var outputs = new List<Tensor>();
        // Clips of like length together; the same batches in every epoch.
        int[] order = [.. Enumerable.Range(0, clips.Count).Where(i => !clips.IsLong(i)).OrderBy(i => clips.Lengths[i])];
        foreach (int[] batch in order.Chunk(batchSize))
        {
            throwIfCancelled();
            using DisposeScope step = NewDisposeScope();
            Batch inputs = clips.Batch(batch, device);
            Tensor output = network.Forward(inputs);
            totals.Add(loss.ComputeParts(output, inputs.Targets!));
            outputs.Add(output.to(ScalarType.Float32).MoveToOuterDisposeScope());
        }
        float[][] rows = new float[clips.Count][];
        foreach (int clip in Enumerable.Range(0, clips.Count).Where(clips.IsLong))
        {
            using DisposeScope step = NewDisposeScope();
            rows[clip] = RecordingEncoder.Outputs(
                network, clips.Windows(clip, network, device).Select(Checked), clips.Extras?[clip]);
            Tensor output = tensor(rows[clip], [1, rows[clip].Length], device: device);
            totals.Add(loss.ComputeParts(output, clips.Targets([clip], device)));
        }
        if (order.Length > 0)
        {
            Tensor all = cat([.. outputs]);
            double[] values = DeviceReads.Of(all.view(-1));
            int width = (int)all.shape[1];
            for (int i = 0; i < order.Length; i++)
            {
                rows[order[i]] = Array.ConvertAll(values[(i * width)..((i + 1) * width)], v => (float)v);
            }
        }
        double[] read = DeviceReads.Of(totals.Values);
        return evaluate(TrainingState.Mean(read[0], read[1]), clips.AllTargets, rows);

        WindowBatch Checked(WindowBatch batch)
        {
            throwIfCancelled();
            return batch;
        }
    }
}
