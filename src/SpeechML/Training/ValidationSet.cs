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
        float[][] outputs = new float[clips.Count][];
        double sum = 0;
        double weight = 0;
        // Clips of like length together; the same batches in every epoch.
        int[] fitting = [.. Enumerable.Range(0, clips.Count).Where(i => !clips.IsLong(i))];
        foreach (int[] batch in fitting.OrderBy(i => clips.Lengths[i]).Chunk(batchSize))
        {
            throwIfCancelled();
            using DisposeScope scope = NewDisposeScope();
            Batch inputs = clips.Batch(batch, device);
            Tensor output = network.Forward(inputs);
            LossParts parts = loss.ComputeParts(output, inputs.Targets!);
            sum += parts.Sum.item<float>();
            weight += parts.Weight.item<float>();
            Tensor rows = output.to(ScalarType.Float32).cpu();
            for (int i = 0; i < batch.Length; i++)
            {
                outputs[batch[i]] = [.. rows[i].data<float>()];
            }
        }
        foreach (int clip in Enumerable.Range(0, clips.Count).Where(clips.IsLong))
        {
            using DisposeScope scope = NewDisposeScope();
            outputs[clip] = RecordingEncoder.Outputs(
                network, clips.Windows(clip, network, device).Select(Checked));
            using Tensor output = tensor(outputs[clip], [1, outputs[clip].Length], device: device);
            LossParts parts = loss.ComputeParts(output, clips.Targets([clip], device));
            sum += parts.Sum.item<float>();
            weight += parts.Weight.item<float>();
        }
        return evaluate(TrainingState.Mean(sum, weight), clips.AllTargets, outputs);

        WindowBatch Checked(WindowBatch batch)
        {
            throwIfCancelled();
            return batch;
        }
    }
}
