using System.Globalization;
using SpeechML.Runs.Appending;
using SpeechML.Runs.TensorBoard;

namespace SpeechML;

/// <summary>
/// Writes an event file that TensorBoard reads: <c>tensorboard --logdir folder</c>. Format: TFRecords of
/// <c>tensorflow.Event</c> messages
/// (tensorflow/core/util/event.proto, Apache-2.0), written without TensorFlow or Python. In a store (<c>gs://</c>) a
/// file appears at the first <see cref="Flush"/> and is written anew at each; one that has grown large is left, and
/// another begun. Not for several threads at once.
/// </summary>
public sealed class TensorBoardWriter : IDisposable
{
    // event.proto
    private const int WallTime = 1, Step = 2, FileVersion = 3, SummaryField = 5;

    // summary.proto
    private const int Tag = 1, SimpleValue = 2, Image = 4, Tensor = 8, Metadata = 9;
    private const int PluginData = 1, PluginName = 1, PluginContent = 2, DataClass = 4;
    private const int TensorData = 2, BlobSequenceData = 3;

    // tensor.proto, types.proto
    private const int DataType = 1, Shape = 2, TensorContent = 4, StringValue = 8, Float32 = 1, Text = 7;

    // Handed to the system from then on, as by a FileStream's buffer, so that a running TensorBoard sees long epochs.
    private const int MaxWaiting = 1 << 12;

    // What is written anew at each flush must not grow for ever.
    private const long LargestStored = 4 << 20;

    private static int s_files;
    private readonly string _folder;
    private AppendableFile _file;

    /// <summary>Starts a new event file; those that the folder has stay, TensorBoard reads them together.</summary>
    /// <param name="folder">The folder, on a disk or in a store; made where it is not there.</param>
    public TensorBoardWriter(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        (FilePath, _file) = Begin(folder);
        if (!StoragePath.IsRemote(folder))
        {
            Flush();
        }
    }

    /// <summary>The event file that is being written.</summary>
    public string FilePath { get; private set; }

    /// <summary>Adds a point of a curve.</summary>
    /// <param name="tag">Name of the curve; what is before a slash groups it.</param>
    /// <param name="value">The value; kept in single precision.</param>
    /// <param name="step">Its place.</param>
    public void AddScalar(string tag, double value, long step) =>
        Add(tag, step, v => v.Single(SimpleValue, (float)value));

    /// <summary>Adds a text, shown as Markdown.</summary>
    /// <param name="tag">Its name.</param>
    /// <param name="text">The text.</param>
    /// <param name="step">Its place.</param>
    public void AddText(string tag, string text, long step) => Add(tag, step, v => v
        .Message(Tensor, new ProtobufWriter().Varint(DataType, Text).Message(Shape, ShapeOf(1)).Text(StringValue, text))
        .Message(Metadata, PluginOf("text", [], TensorData)));

    /// <summary>Adds a picture.</summary>
    /// <param name="tag">Its name.</param>
    /// <param name="png">A PNG file.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="step">Its place.</param>
    public void AddImage(string tag, ReadOnlySpan<byte> png, int width, int height, long step)
    {
        // 4: RGBA
        ProtobufWriter image = new ProtobufWriter().Varint(1, height).Varint(2, width).Varint(3, 4).Bytes(4, png);
        Add(tag, step, v => v.Message(Image, image).Message(Metadata, PluginOf("images", [], BlobSequenceData)));
    }

    /// <summary>Adds a precision-recall curve, as counts at thresholds from 0 to 1.</summary>
    /// <param name="tag">Its name.</param>
    /// <param name="positive">The truth of each clip.</param>
    /// <param name="scores">The probability of each clip.</param>
    /// <param name="step">Its place.</param>
    /// <param name="thresholds">Number of thresholds, at least 2.</param>
    /// <exception cref="ArgumentException">Lengths that differ, a score that is no probability, or too few
    /// thresholds.</exception>
    public void AddPrecisionRecall(
        string tag, IReadOnlyList<bool> positive, IReadOnlyList<double> scores, long step, int thresholds = 127)
    {
        ArgumentNullException.ThrowIfNull(positive);
        ArgumentNullException.ThrowIfNull(scores);
        if (positive.Count != scores.Count || thresholds < 2 || scores.Any(s => s is not (>= 0 and <= 1)))
        {
            throw new ArgumentException(
                $"Precision-recall curve '{tag}': expected one probability from 0 to 1 per clip and at least 2 " +
                $"thresholds, got {positive.Count} clips, {scores.Count} scores and {thresholds} thresholds.");
        }
        float[] counts = PrecisionRecallCounts(positive, scores, thresholds);
        // PrCurvePluginData: version, number of thresholds
        byte[] content = new ProtobufWriter().Varint(1, 0).Varint(2, thresholds).ToArray();
        ProtobufWriter tensor = new ProtobufWriter().Varint(DataType, Float32).Message(Shape, ShapeOf(6, thresholds))
            .Bytes(TensorContent, System.Runtime.InteropServices.MemoryMarshal.AsBytes(counts.AsSpan()));
        Add(tag, step, v => v.Message(Tensor, tensor).Message(Metadata, PluginOf("pr_curves", content, TensorData)));
    }

    /// <summary>
    /// Hands what was added to the operating system or the store, so that a TensorBoard that runs sees it.
    /// </summary>
    /// <exception cref="IOException">The disk or the store failed.</exception>
    public void Flush()
    {
        _file.Flush();
        if (StoragePath.IsRemote(_folder) && _file.Length > LargestStored)
        {
            _file.Dispose();
            (FilePath, _file) = Begin(_folder);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Rows of true positives, false positives, true negatives, false negatives, precision, recall; a score of at least
    /// the threshold is positive.
    /// </summary>
    private static float[] PrecisionRecallCounts(
        IReadOnlyList<bool> positive, IReadOnlyList<double> scores, int thresholds)
    {
        double[] positives = new double[thresholds], negatives = new double[thresholds];
        for (int i = 0; i < scores.Count; i++)
        {
            (positive[i] ? positives : negatives)[(int)(scores[i] * (thresholds - 1))]++;
        }
        double allPositives = positives.Sum(), allNegatives = negatives.Sum(), tp = 0, fp = 0;
        float[] counts = new float[6 * thresholds];
        for (int t = thresholds - 1; t >= 0; t--)
        {
            tp += positives[t];
            fp += negatives[t];
            double[] column = [tp, fp, allNegatives - fp, allPositives - tp, tp / Math.Max(1, tp + fp),
                tp / Math.Max(1, allPositives)];
            for (int row = 0; row < column.Length; row++)
            {
                counts[(row * thresholds) + t] = (float)column[row];
            }
        }
        return counts;
    }

    private static ProtobufWriter ShapeOf(params ReadOnlySpan<int> sizes)
    {
        var shape = new ProtobufWriter();
        foreach (int size in sizes)
        {
            shape.Message(2, new ProtobufWriter().Varint(1, size));
        }
        return shape;
    }

    private static ProtobufWriter PluginOf(string name, byte[] content, int dataClass) =>
        new ProtobufWriter().Message(
            PluginData, new ProtobufWriter().Text(PluginName, name).Bytes(PluginContent, content))
            .Varint(DataClass, dataClass);

    private static (string Path, AppendableFile File) Begin(string folder)
    {
        long seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        // As TensorFlow names them, without the name of the machine.
        string path = StoragePath.Combine(
            folder, string.Create(CultureInfo.InvariantCulture,
            $"events.out.tfevents.{seconds}.speechml.{Environment.ProcessId}.{Interlocked.Increment(ref s_files)}"));
        AppendableFile file = AppendableFile.Create(path);
        Write(file, 0, new ProtobufWriter().Text(FileVersion, "brain.Event:2"));
        return (path, file);
    }

    private void Add(string tag, long step, Func<ProtobufWriter, ProtobufWriter> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ProtobufWriter summary = new ProtobufWriter().Message(1, value(new ProtobufWriter().Text(Tag, tag)));
        Write(_file, step, new ProtobufWriter().Varint(Step, step).Message(SummaryField, summary));
    }

    private static void Write(AppendableFile file, long step, ProtobufWriter message)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        double now = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        EventRecords.Write(file.Content,
            [.. new ProtobufWriter().Double(WallTime, now).ToArray(), .. message.ToArray()]);
        if (file.Waiting > MaxWaiting && !file.IsRemote)
        {
            file.Flush();
        }
    }
}
