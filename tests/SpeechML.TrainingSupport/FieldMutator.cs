using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SpeechML.TrainingSupport;

/// <summary>
/// Changes single fields of files so that they stay well-formed where the format allows it: what random bytes would not
/// reach.
/// </summary>
/// <param name="random">Draws the changes.</param>
internal sealed class FieldMutator(Random random)
{
    // No text of a file; it is replaced by what a JSON tree cannot hold.
    private const string Mark = "@@changed@@";

    private static readonly string[] s_values =
    [
        "0", "-1", "1", "2", "3", "7", "65536", "1000000", "2147483647", "2147483648", "-2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e9", "1e308", "1e999", "-1e999", "0.5",
        "null", "true", "false", "\"\"", "\"x\"", "\"Last\"", "\"\\u0000\"", "\"\\ud800\"", "\"../../x\"", "[]", "{}",
        "[0]", "[-1]", "[1,2,3]", "[null]", "[[]]", "[2147483647]", "[1,1,1,1,1,1,1,1,1,1]", "{\"a\":1}", "nothing",
        "[65536,65536,65536]", "[1000000,1000000]",
    ];

    private static readonly int[] s_integers =
        [0, -1, 1, 2, 255, 65536, 1_000_000, 500_000_000, 2_000_000_000, int.MaxValue, int.MinValue];

    /// <summary>One to three fields of a JSON text replaced, left out, doubled or nested deeply.</summary>
    public string Json(string text)
    {
        int changes = random.Next(4) == 0 ? 1 + random.Next(3) : 1;
        for (int i = 0; i < changes; i++)
        {
            try
            {
                text = Change(JsonNode.Parse(text));
            }
            catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
            {
                return text; // A change before made it something else.
            }
        }
        return text;
    }

    /// <summary>A safetensors file with a changed header or length, less data, or values that are not finite.</summary>
    public byte[] Safetensors(byte[] file)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        byte[] header = file[8..(8 + length)];
        byte[] data = file[(8 + length)..];
        long written = -1;
        switch (random.Next(6))
        {
            case 0:
                data = data[..random.Next(data.Length + 1)];
                break;
            case 1:
                written = long.Parse(
                    s_values[random.Next(5, 13)], System.Globalization.CultureInfo.InvariantCulture);
                break;
            case 2:
                float odd = random.Next(2) == 0 ? float.NaN : float.PositiveInfinity;
                BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(random.Next(data.Length / 4) * 4), odd);
                break;
            default:
                header = Encoding.UTF8.GetBytes(Json(Encoding.UTF8.GetString(header).TrimEnd()));
                break;
        }
        byte[] size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, written >= 0 ? written : header.Length);
        return [.. size, .. header, .. data];
    }

    /// <summary>
    /// The entry of a transformer in a model zip of ML.NET with another number at one place of what the transformer
    /// itself wrote. What ML.NET reads of it, the header, stays.
    /// </summary>
    public byte[] ModelEntry(byte[] entry)
    {
        const int ModelStart = 16, ModelLength = 24;
        int start = (int)BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(ModelStart));
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(ModelLength));
        byte[] changed = [.. entry];
        if (length >= sizeof(int))
        {
            int at = start + random.Next(length - sizeof(int) + 1);
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), s_integers[random.Next(s_integers.Length)]);
        }
        return changed;
    }

    /// <summary>A zip with another size or offset in one entry's record in the directory.</summary>
    public byte[] ZipDirectory(byte[] zip)
    {
        const int Method = 10, CompressedSize = 20, Size = 24, HeaderOffset = 42;
        List<int> records = [];
        for (int at = 0; at + 46 < zip.Length; at++)
        {
            if (zip.AsSpan(at, 4).SequenceEqual("PK\x01\x02"u8))
            {
                records.Add(at);
            }
        }
        byte[] changed = [.. zip];
        int record = records[random.Next(records.Count)];
        switch (random.Next(4))
        {
            case 0:
                BinaryPrimitives.WriteInt16LittleEndian(changed.AsSpan(record + Method), (short)random.Next(10));
                break;
            case 1:
                BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(record + CompressedSize), Integer());
                break;
            case 2:
                BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(record + Size), Integer());
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(record + HeaderOffset), Integer());
                break;
        }
        return changed;
    }

    private int Integer() => s_integers[random.Next(s_integers.Length)];

    private string Change(JsonNode? root)
    {
        List<JsonNode> holders = [];
        Collect(root, holders);
        if (holders.Count == 0)
        {
            return s_values[random.Next(s_values.Length)];
        }
        string value = random.Next(12) switch
        {
            0 => new string('[', 100) + new string(']', 100),
            1 => string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40),
            2 => "\"" + new string('y', 3000) + "\"",
            3 => "[" + string.Join(",", Enumerable.Repeat("1", 1000)) + "]",
            _ => s_values[random.Next(s_values.Length)],
        };
        switch (holders[random.Next(holders.Count)])
        {
            case JsonObject { Count: > 0 } fields:
                string name = fields.ElementAt(random.Next(fields.Count)).Key;
                switch (random.Next(10))
                {
                    case 0:
                        fields.Remove(name);
                        break;
                    case 1:
                        JsonNode? moved = fields[name];
                        fields.Remove(name);
                        fields[fields.Count == 0 ? "other" : fields.ElementAt(random.Next(fields.Count)).Key] = moved;
                        break;
                    default:
                        fields[name] = Mark;
                        break;
                }
                break;
            case JsonArray { Count: > 0 } items:
                if (random.Next(5) == 0)
                {
                    items.Add(Mark);
                }
                else
                {
                    items[random.Next(items.Count)] = Mark;
                }
                break;
        }
        return root!.ToJsonString().Replace($"\"{Mark}\"", value, StringComparison.Ordinal);
    }

    private static void Collect(JsonNode? node, List<JsonNode> holders)
    {
        if (node is JsonObject { Count: > 0 } fields)
        {
            holders.Add(fields);
            foreach ((_, JsonNode? value) in fields)
            {
                Collect(value, holders);
            }
        }
        else if (node is JsonArray { Count: > 0 } items)
        {
            holders.Add(items);
            foreach (JsonNode? value in items)
            {
                Collect(value, holders);
            }
        }
    }
}
