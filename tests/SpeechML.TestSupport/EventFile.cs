using System.Text;

namespace SpeechML.TestSupport;

/// <summary>Reads event files by the format's description, sharing nothing with the writer.</summary>
internal static class EventFile
{
    public static List<Message> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        var events = new List<Message>();
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            byte[] length = reader.ReadBytes(8);
            Assert.AreEqual(Masked(length), reader.ReadUInt32());
            byte[] data = reader.ReadBytes((int)BitConverter.ToInt64(length));
            Assert.AreEqual(Masked(data), reader.ReadUInt32());
            events.Add(new Message(data));
        }
        return events;
    }

    /// <summary>Bit by bit, with the reversed Castagnoli polynomial.</summary>
    public static uint Crc32C(byte[] data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }
        return crc ^ 0xFFFFFFFF;
    }

    private static uint Masked(byte[] data)
    {
        uint crc = Crc32C(data);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xA282EAD8);
    }

    /// <summary>The fields of one message by number.</summary>
    internal sealed class Message
    {
        private readonly Dictionary<int, (byte[] Bytes, long Number)> _fields = [];

        public Message(byte[] data)
        {
            for (int at = 0; at < data.Length;)
            {
                long tag = Varint(data, ref at);
                int size = (tag & 7) switch
                {
                    0 => 0,
                    1 => 8,
                    5 => 4,
                    2 => (int)Varint(data, ref at),
                    _ => throw new InvalidDataException($"wire type {tag & 7}")
                };
                long number = (tag & 7) == 0 ? Varint(data, ref at) : 0;
                _fields.Add((int)(tag >> 3), (data[at..(at + size)], number));
                at += size;
            }
        }

        public byte[] Bytes(int field) => _fields[field].Bytes;

        public long Number(int field) => _fields[field].Number;

        public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

        public Message Inner(int field) => new(Bytes(field));

        private static long Varint(byte[] data, ref int at)
        {
            long value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte b = data[at++];
                value |= (long)(b & 0x7F) << shift;
                if (b < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
