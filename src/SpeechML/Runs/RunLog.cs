using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SpeechML.Runs.Appending;

namespace SpeechML.Runs;

/// <summary>Writes what training reports: a line per epoch, and scalars for TensorBoard.</summary>
internal sealed class RunLog : IProgress<TrainingProgress>, IDisposable
{
    // An epoch may take hours; a look at a network file system may take a millisecond.
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);
    private readonly AppendableFile _file;
    private readonly TensorBoardWriter? _board;
    private readonly IProgress<TrainingProgress>? _next;
    private readonly Action<RunEpoch> _ended;
    private double _normSum;
    private double _normMost;
    private int _steps;
    private TimeSpan _before;
    private bool _failed;
    private long _looked = Stopwatch.GetTimestamp();

    public RunLog(string path, TensorBoardWriter? board, IProgress<TrainingProgress>? next, Action<RunEpoch> ended)
    {
        _file = AppendableFile.ContinueLines(path);
        _board = board;
        _next = next;
        _ended = ended;
    }

    /// <exception cref="IOException">The log could not be written, or the run's folder was removed.</exception>
    public void Report(TrainingProgress value)
    {
        try
        {
            Write(value);
        }
        catch (IOException)
        {
            _failed = true;
            throw;
        }
        _next?.Report(value);
    }

    /// <summary>Writes what is left, unless writing has failed: then that was said, and is not to be replaced.
    /// </summary>
    public void Dispose()
    {
        try
        {
            using (_board)
            {
                _file.Dispose();
            }
        }
        catch (IOException) when (_failed)
        {
        }
    }

    private void Write(TrainingProgress value)
    {
        if (Stopwatch.GetElapsedTime(_looked) > s_lookEvery)
        {
            _file.CheckIsThere();
            _looked = Stopwatch.GetTimestamp();
        }
        _steps++;
        _normSum += value.GradientNorm;
        _normMost = Math.Max(_normMost, value.GradientNorm);
        _board?.AddScalar("train/loss", value.Loss, value.Step);
        _board?.AddScalar("train/gradient_norm", value.GradientNorm, value.Step);
        _board?.AddScalar("rate/encoder", value.EncoderLearningRate, value.Step);
        _board?.AddScalar("rate/head", value.HeadLearningRate, value.Step);
        if (value.EpochLoss is { } loss)
        {
            EndEpoch(value, loss);
        }
    }

    private void EndEpoch(TrainingProgress value, double loss)
    {
        // A run that was gone on with counts its time from there.
        TimeSpan took = value.Elapsed >= _before ? value.Elapsed - _before : value.Elapsed;
        var epoch = new RunEpoch(
            value.Epoch, value.Epochs, value.Step, loss, value.EncoderLearningRate, value.HeadLearningRate,
            _normSum / _steps, _normMost, took.TotalSeconds, System.Environment.WorkingSet / (double)(1 << 20))
        {
            Validation = value.Validation,
            BestEpoch = value.BestEpoch,
        };
        (_normSum, _normMost, _steps, _before) = (0, 0, 0, value.Elapsed);
        _file.Content.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(epoch, RunFiles.Line) + "\n"));
        _file.Flush(toDisk: true);
        _ended(epoch);
        if (_board is null)
        {
            return;
        }
        _board.AddScalar("epoch/loss", loss, value.Epoch);
        _board.AddScalar("epoch/memory_mib", epoch.MemoryMiB, value.Epoch);
        if (value.Validation is { } evaluated)
        {
            _board.AddScalar("validation/loss", evaluated.Loss, value.Epoch);
            foreach ((string name, MetricValue metric) in evaluated.Values)
            {
                if (metric.Value is { } number)
                {
                    _board.AddScalar("validation/" + name, number, value.Epoch);
                }
            }
        }
        _board.Flush();
    }
}
