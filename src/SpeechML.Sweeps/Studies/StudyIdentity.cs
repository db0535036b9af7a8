using SpeechML.Training.Checkpoints;

namespace SpeechML.Sweeps.Studies;

/// <summary>Checks that a study is of this sweep: only the same sweep can resume it.</summary>
internal static class StudyIdentity
{
    /// <exception cref="InvalidOperationException">It is another; says what differs.</exception>
    /// <exception cref="InvalidDataException">It is of another format.</exception>
    public static void Check(string? study, StudyBegun begun, IReadOnlyDictionary<string, string> identity)
    {
        if (begun.Format != StudyBegun.CurrentFormat)
        {
            throw OtherFormat(study, begun.Format);
        }
        foreach (string name in identity.Keys.Union(begun.Identity.Keys).Order(StringComparer.Ordinal))
        {
            string then = Written(name, begun.Identity.GetValueOrDefault(name, "nothing"));
            string now = identity.GetValueOrDefault(name, "nothing");
            if (then != now)
            {
                throw new InvalidOperationException(
                    $"Study '{study}' is of another sweep: {name}: expected {then}, got {now}. Give this sweep a " +
                    $"folder of its own, or delete the study.");
            }
        }
    }

    /// <summary>The log was written by another version.</summary>
    public static InvalidDataException OtherFormat(string? study, int format) => new(FormattableString.Invariant(
        $"Study '{study}': expected a log of format {StudyBegun.CurrentFormat}, got format {format}. ") +
        $"{(format < StudyBegun.CurrentFormat ? "An earlier" : "A later")} version of SpeechML wrote it: finish it " +
        "with that version, or give this sweep a folder of its own.");

    /// <summary>A value as it is written today: earlier versions named metrics otherwise.</summary>
    private static string Written(string name, string value) =>
        name == "metric" ? SpeechMetrics.NameOf(value)
            : name.StartsWith("option ", StringComparison.Ordinal)
                ? RunIdentity.Written(name["option ".Length..], value) : value;
}
