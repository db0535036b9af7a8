using Microsoft.ML;
using SpeechML.Audio.Options;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.Data.Speakers;

namespace SpeechML;

/// <summary>
/// Speakers' embeddings: how well they tell people apart (<c>mlContext.Speech().EvaluateSpeakers</c>).
/// </summary>
public static class SpeechSpeakerCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// The equal error rate over all pairs of clips, by the cosine of their embeddings, with an interval by
        /// resampling speakers.
        /// </summary>
        /// <param name="data">Clips with embeddings, as from <c>EmbedSpeaker</c>.</param>
        /// <param name="embeddingColumnName">Name of the vector column.</param>
        /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
        /// <param name="bootstrap">Resamples; <see langword="null"/> for the defaults.</param>
        /// <param name="cancellationToken">Ends it.</param>
        /// <exception cref="ArgumentException">A column is missing or of another type, or a subject is
        /// empty.</exception>
        public SpeakerVerification EvaluateSpeakers(
            IDataView data, string embeddingColumnName, string subjectColumnName,
            SubjectBootstrapOptions? bootstrap = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(data);
            double[][] clips = [.. SpeakerColumns.Vectors(data, embeddingColumnName).Select(v => Cosine.Unit(v))];
            var speakers = new SubjectIndex(SpeakerColumns.Texts(data, "subject", subjectColumnName));
            List<(double, bool, int, int)> pairs = new(clips.Length * (clips.Length - 1) / 2);
            for (int i = 0; i < clips.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    (int a, int b) = (speakers.OfRow[i], speakers.OfRow[j]);
                    pairs.Add((Cosine.Dot(clips[i], clips[j]), a == b, a, b));
                }
            }
            return Evaluate(catalog, pairs, speakers.Names, bootstrap, cancellationToken);
        }

        /// <summary>The same over pairs that are given, one in a row, such as the trials of a benchmark.</summary>
        /// <param name="data">Pairs with scores, as from <c>ScoreSpeakers</c>.</param>
        /// <param name="scoreColumnName">Name of the column of scores, Single: larger where more alike.</param>
        /// <param name="firstSubjectColumnName">Name of the text column that says who speaks in the first clip. A pair
        /// is of one speaker where both have one name.</param>
        /// <param name="secondSubjectColumnName">The same of the second.</param>
        /// <param name="bootstrap">Resamples; <see langword="null"/> for the defaults.</param>
        /// <param name="cancellationToken">Ends it.</param>
        /// <exception cref="ArgumentException">A column is missing or of another type, or a subject is
        /// empty.</exception>
        public SpeakerVerification EvaluateSpeakerPairs(
            IDataView data, string scoreColumnName, string firstSubjectColumnName, string secondSubjectColumnName,
            SubjectBootstrapOptions? bootstrap = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(data);
            float[] scores = SpeakerColumns.Numbers(data, scoreColumnName);
            string[] first = SpeakerColumns.Texts(data, "subject", firstSubjectColumnName);
            string[] second = SpeakerColumns.Texts(data, "subject", secondSubjectColumnName);
            var speakers = new SubjectIndex([.. first, .. second]);
            return Evaluate(catalog, scores.Select((score, i) =>
            {
                (int a, int b) = (speakers.OfRow[i], speakers.OfRow[scores.Length + i]);
                return ((double)score, a == b, a, b);
            }), speakers.Names, bootstrap, cancellationToken);
        }
    }

    private static SpeakerVerification Evaluate(
        SpeechCatalog catalog, IEnumerable<(double Score, bool Same, int First, int Second)> pairs,
        IReadOnlyList<string> speakers, SubjectBootstrapOptions? bootstrap, CancellationToken cancellation)
    {
        bootstrap = (bootstrap ?? new SubjectBootstrapOptions()).SeededBy(catalog.Context, cancellation);
        bootstrap.Validate();
        (double Score, bool Same, int First, int Second)[] all = [.. pairs];
        int odd = Array.FindIndex(all, p => double.IsNaN(p.Score));
        OptionChecks.Check(odd < 0, "Score", "a number for each pair", $"NaN for pair {odd}");
        var rates = new EqualError(all);
        // A row for each speaker: its weight is how often it was drawn.
        ResampledStatistic[] drawn = SubjectResampling.Run(
            new SubjectIndex(speakers), [rates.Rate], bootstrap.Resamples, bootstrap.SeedInUse,
            bootstrap.Method == IntervalMethod.Bca, bootstrap.Cancellation);
        ResampledStatistic rate = drawn[0] with { Subjects = speakers.Count };
        int[] once = new int[speakers.Count];
        Array.Fill(once, 1);
        return new SpeakerVerification(
            rate.ToInterval(bootstrap), rates.Crossing(once).Threshold, all.LongCount(p => p.Same),
            all.LongCount(p => !p.Same), speakers.Count);
    }
}
