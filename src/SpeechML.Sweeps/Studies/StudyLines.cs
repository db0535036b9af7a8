using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Sweeps.Studies;

/// <summary>Events as lines: one JSON object each.</summary>
internal static class StudyLines
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The line of an event, with its end.</summary>
    public static byte[] Format(StudyEvent entry) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(entry, s_json), (byte)'\n'];

    /// <summary>The event of a line, with or without its end.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static StudyEvent Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<StudyEvent>(line, s_json) ?? throw new JsonException("null");
        }
        catch (NotSupportedException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>
    /// The events of some lines, and how many bytes they take: a last line that is torn or broken is left out.
    /// </summary>
    /// <param name="bytes">The lines.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="before">Lines of the file that come before.</param>
    /// <exception cref="InvalidDataException">A line before the last is broken.</exception>
    public static (List<StudyEvent> Events, int Whole) Read(ReadOnlySpan<byte> bytes, string name, int before)
    {
        var events = new List<StudyEvent>();
        int start = 0;
        for (int length; (length = bytes[start..].IndexOf((byte)'\n')) >= 0; start += length + 1)
        {
            try
            {
                events.Add(Parse(bytes.Slice(start, length)));
            }
            catch (JsonException e)
            {
                if (start + length == bytes.Length - 1)
                {
                    // A lost power supply may leave a last line of the right length with the wrong bytes.
                    return (events, start);
                }
                string line = Encoding.UTF8.GetString(bytes.Slice(start, Math.Min(80, length)));
                throw new InvalidDataException(
                    $"Study log '{name}', line {before + events.Count + 1}: expected an event of a study as JSON, " +
                    $"got '{line}'. {e.Message}", e);
            }
        }
        return (events, start);
    }
}
