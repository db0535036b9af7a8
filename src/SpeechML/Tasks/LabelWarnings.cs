using Microsoft.ML.Runtime;
using SpeechML.Data.Checking;
using SpeechML.Data.DataViews;
using SpeechML.Data.Metadata;

namespace SpeechML.Tasks;

/// <summary>What the log says of labels that can be learned from but are probably not meant so.</summary>
internal static class LabelWarnings
{
    public static IReadOnlyDictionary<string, int> Counts(int positive, int negative) =>
        new Dictionary<string, int> { ["1"] = positive, ["0"] = negative };

    public static void RareClasses(
        IChannel channel, IEnumerable<(string Label, IReadOnlyDictionary<string, int> Classes)> labels)
    {
        foreach ((string label, IReadOnlyDictionary<string, int> classes) in labels)
        {
            if (ClassBalance.Rarest(classes) is { } rare)
            {
                channel.Warning(
                    "label '{0}': {1} × '{2}' and {3} × '{4}' in the training data; a model may never predict the " +
                    "rare " +
                    "class. The options BalanceClasses and BalancePositives, where the trainer has them, weigh it " +
                    "higher",
                    label, rare.Count, rare.Class, rare.Most, rare.Commonest);
            }
        }
    }

    public static void Spellings(IChannel channel, string label, LabelValues labels)
    {
        foreach (string[] spellings in labels.IsText ? Spelling.Several(labels.Values) : [])
        {
            channel.Warning("label '{0}': the classes '{1}' are probably one under several spellings", label,
                string.Join("', '", spellings));
        }
    }

    /// <summary>The order of classes that are no numbers: only the user knows whether it is right.</summary>
    public static void Order(IChannel channel, string label, LabelValues labels)
    {
        if (!OrdinalKeys.AreNumbers(labels))
        {
            channel.Warning(
                "label '{0}': the order of its classes is that of the key, {1}; keyData sets another", label,
                string.Join(" < ", labels.Values));
        }
    }
}
