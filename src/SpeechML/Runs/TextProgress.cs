using System.Globalization;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>How training progress is written.</summary>
[DoesNotAffectResult]
public sealed class TextProgressOptions
{
    /// <summary>
    /// Whether the writer is a terminal, where one line is written over and over: a bar, the pace, the time left, the
    /// loss and the rates. Otherwise a line per epoch. For the console: <c>!Console.IsOutputRedirected</c>. The default
    /// is <see langword="false"/>.
    /// </summary>
    public bool Interactive { get; set; }

    /// <summary>Columns of the terminal; a line that is longer is cut off. The default is 100.</summary>
    [InRange("at least 20 columns", Min = 20)]
    public int Width { get; set; } = 100;

    /// <summary>
    /// Lines at most, in epochs' lines: with more epochs than that not every epoch is written. 0, the default, for
    /// every epoch.
    /// </summary>
    [InRange("0 (every epoch) or more", Min = 0)]
    public int MaxLines { get; set; }

    /// <summary>Whether the memory of the process is told. The default is <see langword="false"/>.</summary>
    public bool ShowMemory { get; set; }

    /// <summary>Written before every line. The default is empty.</summary>
    public string Indent { get; set; } = "";
}

/// <summary>
/// Writes the progress of training as text. A library does not know the console: give it <c>Console.Error</c> or
/// <c>Console.Out</c>.
/// </summary>
public sealed class TextProgress : IProgress<TrainingProgress>
{
    private const int BarWidth = 24;
    private const int Utf8 = 65001;
    private const int Utf16 = 1200;
    private const int MaxFigures = 3; // beside the loss: a line of twenty is not read; the log has all
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100); // between changes of a terminal's line
    private readonly TextWriter _writer;
    private readonly TextProgressOptions _options;
    private readonly bool _blocks;
    private TimeSpan? _written;
    private TimeSpan _start;
    private long _startStep = -1;
    private int _shown;

    /// <summary>Creates it.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="options">How; <see langword="null"/> for plain lines.</param>
    public TextProgress(TextWriter writer, TextProgressOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        _options = options ?? new TextProgressOptions();
        OptionModel.Of(typeof(TextProgressOptions)).Validate(_options);
        // The console's encoding is a class of its own.
        _blocks = writer.Encoding.CodePage is Utf8 or Utf16;
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (_startStep < 0 || value.Step <= _startStep || value.Elapsed < _start)
        {
            // The first report, or the first of another run.
            (_start, _startStep, _written) = (TimeSpan.Zero, value.Step - 1, null);
        }
        if (value.EpochLoss is not null)
        {
            int every = _options.MaxLines == 0 ? 1
                : Math.Max(1, (value.Epochs + _options.MaxLines - 1) / _options.MaxLines);
            if (value.Epoch % every == 0 || value.Outcome is not null || value.Epoch == value.Epochs)
            {
                Clear();
                _writer.WriteLine(_options.Indent + EpochLine(value));
                WriteOutcome(value);
                _writer.Flush();
                _written = value.Elapsed;
                return;
            }
        }
        if (_options.Interactive && (_written is null || value.Elapsed - _written >= s_pause))
        {
            string line = _options.Indent + StepLine(value);
            line = line.Length < _options.Width ? line : line[..(_options.Width - 1)];
            _writer.Write('\r');
            _writer.Write(line.PadRight(_shown));
            _writer.Flush();
            _shown = line.Length;
            _written = value.Elapsed;
        }
    }

    private void WriteOutcome(TrainingProgress value)
    {
        if (value.Outcome is { } outcome)
        {
            _writer.WriteLine(_options.Indent + outcome);
        }
    }

    private void Clear()
    {
        if (_shown > 0)
        {
            _writer.Write('\r' + new string(' ', _shown) + '\r');
            _shown = 0;
        }
    }

    private string StepLine(TrainingProgress value)
    {
        double share = value.Step / (double)value.Steps;
        int full = (int)(share * BarWidth);
        string bar = _blocks ? new string('█', full) + new string('░', BarWidth - full)
            : new string('#', full) + new string('.', BarWidth - full);
        return string.Create(CultureInfo.InvariantCulture,
            $"{bar} {100 * share,3:F0}%  epoch {value.Epoch}/{value.Epochs}  {Pace(value)}, {Time(value.Remaining)} " +
            $"left  loss {value.Loss:F4}{Rates(value)}{Memory()}");
    }

    private string EpochLine(TrainingProgress value)
    {
        string width = value.Epochs.ToString(CultureInfo.InvariantCulture);
        string epoch = value.Epoch.ToString(CultureInfo.InvariantCulture).PadLeft(width.Length);
        string validation = value.Validation is { } evaluated
            ? $"  validation: {Figures(evaluated)}{(value.BestEpoch == value.Epoch ? " (best)" : "")}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {epoch}/{width}  loss {value.EpochLoss:F4}{validation}{Rates(value)}  {Pace(value)}  " +
            $"{Time(value.Elapsed)}, {Time(value.Remaining)} left{Memory()}");
    }

    private string Pace(TrainingProgress value)
    {
        double seconds = (value.Elapsed - _start).TotalSeconds;
        double pace = seconds > 0 ? (value.Step - _startStep) / seconds : 0;
        return pace is > 0 and < 1 ? string.Create(CultureInfo.InvariantCulture, $"{1 / pace:F1} s/step")
            : string.Create(CultureInfo.InvariantCulture, $"{pace:F1} steps/s");
    }

    private static ValidationMetrics Figures(ValidationMetrics all) =>
        new(all.Loss, all.Values.Where(v => v.Value.Value is not null).Take(MaxFigures)
            .ToDictionary(v => v.Key, v => v.Value));

    // A rate of 0 belongs to what does not train.
    private static string Rates(TrainingProgress value) => (value.EncoderLearningRate, value.HeadLearningRate) switch
    {
        (0, 0) => "",
        (0, var head) => string.Create(CultureInfo.InvariantCulture, $"  rate {head:0.0e-0}"),
        var (encoder, head) => string.Create(CultureInfo.InvariantCulture,
            $"  rates {encoder:0.0e-0} (encoder), {head:0.0e-0} (head)"),
    };

    private static string Time(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s")
        : time.TotalHours < 1 ? time.ToString(@"m\:ss", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}");

    private string Memory() =>
        _options.ShowMemory ? string.Create(
        CultureInfo.InvariantCulture, $"  {Environment.WorkingSet / (double)(1 << 20):F0} MiB") : "";
}
