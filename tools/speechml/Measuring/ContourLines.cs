using System.Text.Json;

namespace SpeechML.Tool.Measuring;

/// <summary>
/// Writes contours, a line of JSON for each recording: of each the time of the first frame and from one to the next
/// (s), and its values; null where undefined.
/// </summary>
internal sealed class ContourLines(string path) : IDisposable
{
    private const int Decimals = 6;

    private readonly FileStream _file = File.Create(path);

    public void Add(string name, VoiceAnalysis a)
    {
        using (var json = new Utf8JsonWriter(_file))
        {
            json.WriteStartObject();
            json.WriteString("file", name);
            json.WriteNumber("duration", a.Duration);
            Write(json, "pitch", a.Pitch.Times, a.Pitch.Step, ("f0", a.Pitch.Frequency),
                ("strength", a.Pitch.Strength));
            Write(json, "harmonicity", a.Harmonicity.Times, a.Harmonicity.Step, ("hnr", a.Harmonicity.Ratio));
            Write(json, "intensity", a.Intensity.Times, a.Intensity.Step, ("db", a.Intensity.Level));
            Write(json, "cpps", a.Cpps.Times, a.Cpps.Step, ("db", a.Cpps.Prominence));
            Write(json, "formants", a.Formants.Times, a.Formants.Step,
                [.. a.Formants.Frequency.Select((row, i) => ($"f{i + 1}", row)),
                    .. a.Formants.Bandwidth.Select((row, i) => ($"b{i + 1}", row))]);
            Write(json, "pulses", a.Pulses);
            Write(json, "syllables", a.Nuclei ?? []);
            json.WriteStartArray("intervals");
            foreach (SoundingInterval interval in a.Intervals)
            {
                json.WriteStartObject();
                json.WriteNumber("start", interval.Start);
                json.WriteNumber("end", interval.End);
                json.WriteBoolean("sounding", interval.IsSounding);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        _file.WriteByte((byte)'\n');
    }

    public void Dispose() => _file.Dispose();

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<double> times, double step,
        params ReadOnlySpan<(string Name, IReadOnlyList<double> Values)> rows)
    {
        json.WriteStartObject(name);
        json.WriteNumber("start", times.Count == 0 ? 0 : times[0]);
        json.WriteNumber("step", step);
        foreach ((string row, IReadOnlyList<double> values) in rows)
        {
            Write(json, row, values);
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                json.WriteNumberValue(Math.Round(value, Decimals));
            }
            else
            {
                json.WriteNullValue();
            }
        }
        json.WriteEndArray();
    }
}
