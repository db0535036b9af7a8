using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SpeechML.Training.Checkpoints;

namespace SpeechML.Runs;

/// <summary>A name that says what a run is, and differs wherever an option that bears on the result does.</summary>
internal static class RunName
{
    public static string Of(SpeechTrainingOptions options)
    {
        string encoder = options.Encoder.TrimEnd('/', '\\').Split('/', '\\')[^1];
        string training = options.Lora.Rank > 0 ? $"lora{options.Lora.Rank}" : $"freeze-{options.Freezing}";
        string[] parts =
        [
            encoder,
            options.GetType().Name.Replace("Speech", "", StringComparison.Ordinal)
            .Replace("Options", "", StringComparison.Ordinal),
            $"layer{options.Layers}",
            training,
            options.Pooling.ToString(),
            string.Create(CultureInfo.InvariantCulture, $"e{options.Epochs}-lr{options.HeadLearningRate:0e-0}"),
            string.Create(CultureInfo.InvariantCulture, $"seed{options.SeedInUse}"),
            Hash(options),
        ];
        return string.Join('_', parts.Select(Clean)).ToLowerInvariant();
    }

    private static string Hash(SpeechTrainingOptions options)
    {
        string settings = string.Join(
            '\n', RunIdentity.Describe(options).OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => $"{p.Key}={p.Value}"));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(settings)))[..6];
    }

    private static string Clean(string part)
    {
        var text = new StringBuilder();
        foreach (char c in part)
        {
            text.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-');
        }
        return text.Length > 40 ? text.ToString(0, 40) : text.ToString();
    }
}
