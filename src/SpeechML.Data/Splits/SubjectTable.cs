using SpeechML.Data.Metadata;

namespace SpeechML.Data.Splits;

/// <summary>Clips and strata counted per subject.</summary>
internal sealed class SubjectTable
{
    /// <summary>Counts them.</summary>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="strata">What is to be balanced.</param>
    /// <exception cref="ArgumentException">A subject is empty or a stratum does not fit the clips: names the
    /// row.</exception>
    public SubjectTable(IReadOnlyList<string> subjects, IReadOnlyList<SplitStratum> strata)
    {
        // Spellings of one name are one subject: nobody is in two parts because of a space or a capital letter.
        string[] names = Spelling.Unify(subjects);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        SubjectOfClip = new int[subjects.Count];
        int next = 0;
        for (int i = 0; i < subjects.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(subjects[i]))
            {
                throw new ArgumentException(
                    $"Subject of row {i}: expected a name, got an empty one. Clips of unknown subjects cannot be " +
                    $"split safely.");
            }
            numbers.TryAdd(names[i], 0);
        }
        // By name, so that the order of the rows decides nothing.
        foreach (string subject in numbers.Keys.Order(StringComparer.Ordinal).ToArray())
        {
            numbers[subject] = next++;
        }
        for (int i = 0; i < subjects.Count; i++)
        {
            SubjectOfClip[i] = numbers[names[i]];
        }
        Strata = strata.Count;
        Clips = new int[numbers.Count];
        Present = new int[numbers.Count * Strata];
        Positive = new int[numbers.Count * Strata];
        foreach (int u in SubjectOfClip)
        {
            Clips[u]++;
        }
        for (int k = 0; k < Strata; k++)
        {
            Count(strata[k], k);
        }
        int[] all = [.. Enumerable.Range(0, Strata)], people = [.. Enumerable.Range(0, Subjects)];
        TotalPositive = [.. all.Select(k => people.Sum(u => Positive[(u * Strata) + k]))];
        Share = [.. all.Select(k => TotalPositive[k] / Math.Max(1.0, people.Sum(u => Present[(u * Strata) + k])))];
        SubjectsWithPositive = [.. all.Select(k => people.Count(u => Positive[(u * Strata) + k] > 0))];
        SubjectsWithNegative = [.. all.Select(
            k => people.Count(u => Present[(u * Strata) + k] > Positive[(u * Strata) + k]))];
    }

    /// <summary>The subject number of each clip, in the order of their names.</summary>
    public int[] SubjectOfClip { get; }

    /// <summary>How many subjects.</summary>
    public int Subjects => Clips.Length;

    /// <summary>How many strata.</summary>
    public int Strata { get; }

    /// <summary>Clips of each subject.</summary>
    public int[] Clips { get; }

    /// <summary>All clips.</summary>
    public int TotalClips => SubjectOfClip.Length;

    /// <summary>Clips of a subject on which a stratum is known, [subject * Strata + stratum].</summary>
    public int[] Present { get; }

    /// <summary>Positive clips, laid out like <see cref="Present"/>.</summary>
    public int[] Positive { get; }

    /// <summary>Positive clips of each stratum.</summary>
    public int[] TotalPositive { get; }

    /// <summary>Share of positives among known clips, of each stratum.</summary>
    public double[] Share { get; }

    /// <summary>Subjects with a positive clip, of each stratum.</summary>
    public int[] SubjectsWithPositive { get; }

    /// <summary>Subjects with a negative clip, of each stratum.</summary>
    public int[] SubjectsWithNegative { get; }

    private void Count(SplitStratum stratum, int k)
    {
        if (stratum.Values.Count != TotalClips)
        {
            throw new ArgumentException(
                $"Stratum '{stratum.Name}': expected {TotalClips} values, one per clip, got {stratum.Values.Count}.");
        }
        for (int i = 0; i < TotalClips; i++)
        {
            int cell = (SubjectOfClip[i] * Strata) + k;
            switch (stratum.Values[i])
            {
                case 1:
                    Present[cell]++;
                    Positive[cell]++;
                    break;
                case 0:
                    Present[cell]++;
                    break;
                case -1:
                    break;
                default:
                    throw new ArgumentException(
                        $"Stratum '{stratum.Name}', row {i}: expected 1, 0 or -1, got {stratum.Values[i]}.");
            }
        }
    }
}
