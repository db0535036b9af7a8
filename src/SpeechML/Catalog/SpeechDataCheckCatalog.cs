using SpeechML.Encoders;
using Microsoft.ML;
using SpeechML.Data.Checking;
using SpeechML.Recordings;

namespace SpeechML;

/// <summary>The check of data before training: <c>mlContext.Speech().CheckData</c>.</summary>
public static class SpeechDataCheckCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// Looks at data before it is trained on: files that are missing, unreadable, empty, silent or cut off, clips
        /// too short or (see <see cref="SpeechDataCheckOptions.LongAudio"/>) too long for the encoder, the same
        /// samples under two names, labels with a single class, and the sample rates. Every file is decoded once, on
        /// several threads, block by block; nothing is kept of it but its facts.
        /// </summary>
        /// <param name="data">The data.</param>
        /// <param name="options">The columns, the folder, the encoder.</param>
        /// <param name="progress">Told of every clip, on the calling thread.</param>
        /// <param name="cancellationToken">Stops the check with an <see cref="OperationCanceledException"/>.</param>
        /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
        /// <example>See <c>samples/CheckData</c>.</example>
        public SpeechDataReport CheckData(
            IDataView data, SpeechDataCheckOptions options, IProgress<SpeechDataProgress>? progress = null,
            CancellationToken cancellationToken = default) =>
            DataChecking.Check(catalog.Context, [("all", data)], options, ReadLimits(options, cancellationToken),
                progress, cancellationToken);

        /// <summary>As for undivided data; also subjects and samples that are in several parts.</summary>
        /// <param name="split">The parts.</param>
        /// <param name="options">The columns, the folder, the encoder.</param>
        /// <param name="progress">Told of every clip, on the calling thread.</param>
        /// <param name="cancellationToken">Stops the check with an <see cref="OperationCanceledException"/>.</param>
        /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
        public SpeechDataReport CheckData(
            SpeechDataSplit split, SpeechDataCheckOptions options, IProgress<SpeechDataProgress>? progress = null,
            CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(split);
            return DataChecking.Check(
                catalog.Context, [("train", split.Train), ("validation", split.Validation), ("test", split.Test)],
                options, ReadLimits(options, cancellationToken), progress, cancellationToken);
        }
    }

    /// <summary>The lengths that the encoder takes; none without an encoder.</summary>
    private static LengthLimits? ReadLimits(SpeechDataCheckOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Encoder.Length == 0)
        {
            return null;
        }
        using EncoderLocation location = EncoderLocation.Find(options.Encoder, cancellationToken: cancellation);
        EncoderConfig config = EncoderLoader.ReadConfig(location.Folder);
        var limits = LongAudioLimits.Of(options.LongAudio, config);
        return new LengthLimits(options.Encoder, config.SampleRate, config.MinSamples,
            limits.Cuts || limits.Whole == long.MaxValue ? null : limits.Whole, limits.Rule);
    }
}
