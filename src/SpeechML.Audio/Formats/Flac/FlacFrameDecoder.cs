using System.Runtime.CompilerServices;

namespace SpeechML.Audio.Formats.Flac;

/// <summary>
/// Decodes FLAC frames (RFC 9639, section 9) of up to 24 bits per sample; checks both of their checksums.
/// </summary>
internal sealed class FlacFrameDecoder
{
    private const uint SyncCode = 0x3FFE;
    private const int LeftSide = 8;
    private const int SideRight = 9;
    private const int MidSide = 10;

    private readonly FlacBitReader _reader;
    private readonly FlacStreamInfo _info;
    private readonly string _name;
    private readonly int[][] _samples;

    public FlacFrameDecoder(FlacBitReader reader, FlacStreamInfo info, string name)
    {
        _reader = reader;
        _info = info;
        _name = name;
        _samples = new int[info.Channels][];
        Array.Fill(_samples, []);
    }

    /// <summary>
    /// The samples of the last frame, <c>[channel][frame]</c>; the arrays may be longer than the frame.
    /// </summary>
    public int[][] Samples => _samples;

    /// <summary>Decodes the next frame.</summary>
    /// <param name="firstFrame">The number of samples per channel before it, for messages.</param>
    /// <returns>Its number of samples per channel.</returns>
    /// <exception cref="EndOfStreamException">The stream ends inside the frame.</exception>
    /// <exception cref="AudioException">The frame is damaged.</exception>
    public int Next(long firstFrame)
    {
        _reader.Mark();
        (int size, int assignment) = ReadHeader(firstFrame);
        for (int c = 0; c < _samples.Length; c++)
        {
            if (_samples[c].Length < size)
            {
                _samples[c] = new int[size];
            }
            bool isSide = (assignment is LeftSide or MidSide && c == 1) || (assignment == SideRight && c == 0);
            ReadSubframe(_samples[c].AsSpan(0, size), _info.Bits + (isSide ? 1 : 0), firstFrame);
        }
        _reader.AlignToByte();
        ushort computed = FlacChecksums.Crc16(_reader.SinceMark);
        uint stored = _reader.Read(16);
        if (computed != stored)
        {
            throw Damaged(firstFrame, $"a frame with checksum {stored:X4}", $"{computed:X4}");
        }
        if (assignment >= LeftSide)
        {
            Recombine(_samples[0].AsSpan(0, size), _samples[1].AsSpan(0, size), assignment);
        }
        return size;
    }

    private AudioException Damaged(long firstFrame, string expected, string got) =>
        new(AudioErrorKind.CorruptStream, _name, $"expected {expected} at sample frame {firstFrame}, got {got}.");

    private (int Size, int Assignment) ReadHeader(long firstFrame)
    {
        uint sync = _reader.Read(14);
        uint reserved = _reader.Read(1);
        _reader.Read(1); // fixed or variable block size: both count on
        if (sync != SyncCode || reserved != 0)
        {
            throw Damaged(firstFrame, "the start of a FLAC frame", "other bytes");
        }
        int sizeCode = (int)_reader.Read(4), rateCode = (int)_reader.Read(4), assignment = (int)_reader.Read(4),
            bitsCode = (int)_reader.Read(3);
        reserved = _reader.Read(1);
        int leadingOnes = System.Numerics.BitOperations.LeadingZeroCount(~(_reader.Read(8) << 24));
        for (int k = 1; k < leadingOnes; k++)
        {
            _reader.Read(8); // the frame's number, coded as UTF-8 codes characters
        }
        int size = sizeCode switch
        {
            1 => 192,
            6 => (int)_reader.Read(8) + 1,
            7 => (int)_reader.Read(16) + 1,
            < 6 => 576 << (sizeCode - 2),
            _ => 256 << (sizeCode - 8),
        };
        _reader.Read(rateCode switch { 12 => 8, 13 or 14 => 16, _ => 0 }); // a rate that repeats the header's
        byte computed = FlacChecksums.Crc8(_reader.SinceMark);
        uint stored = _reader.Read(8);
        if (computed != stored)
        {
            throw Damaged(firstFrame, $"a frame header with checksum {stored:X2}", $"{computed:X2}");
        }
        int bits = bitsCode switch { 0 => _info.Bits, 1 => 8, 2 => 12, 4 => 16, 5 => 20, 6 => 24, 7 => 32, _ => 0 };
        int channels = assignment < LeftSide ? assignment + 1 : 2;
        if (sizeCode == 0 || reserved != 0 || assignment > MidSide || bits != _info.Bits || channels != _info.Channels)
        {
            throw Damaged(firstFrame, $"a frame of {_info.Channels} channels of {_info.Bits} bits",
                "another or a reserved format");
        }
        return (size, assignment);
    }

    private void ReadSubframe(Span<int> samples, int bits, long firstFrame)
    {
        uint padding = _reader.Read(1);
        int type = (int)_reader.Read(6);
        int wasted = _reader.Read(1) == 0 ? 0 : _reader.ReadUnary() + 1;
        bits -= wasted;
        if (padding != 0 || bits <= 0)
        {
            throw Damaged(firstFrame, "the header of a subframe", "a reserved one");
        }
        switch (type)
        {
            case 0:
                samples.Fill(_reader.ReadSigned(bits));
                break;
            case 1:
                for (int i = 0; i < samples.Length; i++)
                {
                    samples[i] = _reader.ReadSigned(bits);
                }
                break;
            case >= 8 and <= 12:
                ReadFixed(samples, type - 8, bits, firstFrame);
                break;
            case >= 32:
                ReadLinear(samples, type - 31, bits, firstFrame);
                break;
            default:
                throw Damaged(firstFrame, "a known kind of subframe", $"{type}");
        }
        if (wasted > 0)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] <<= wasted;
            }
        }
    }

    private void ReadWarmUp(Span<int> samples, int order, int bits, long firstFrame)
    {
        if (order > samples.Length)
        {
            throw Damaged(firstFrame, $"a predictor of at most {samples.Length} samples", $"one of {order}");
        }
        for (int i = 0; i < order; i++)
        {
            samples[i] = _reader.ReadSigned(bits);
        }
    }

    private void ReadFixed(Span<int> s, int order, int bits, long firstFrame)
    {
        ReadWarmUp(s, order, bits, firstFrame);
        ReadResidual(s, order, firstFrame);
        for (int i = order; i < s.Length; i++)
        {
            s[i] += order switch
            {
                0 => 0,
                1 => s[i - 1],
                2 => (2 * s[i - 1]) - s[i - 2],
                3 => (3 * (s[i - 1] - s[i - 2])) + s[i - 3],
                _ => (4 * (s[i - 1] + s[i - 3])) - (6 * s[i - 2]) - s[i - 4],
            };
        }
    }

    [SkipLocalsInit]
    private void ReadLinear(Span<int> samples, int order, int bits, long firstFrame)
    {
        ReadWarmUp(samples, order, bits, firstFrame);
        int precision = (int)_reader.Read(4) + 1, shift = _reader.ReadSigned(5);
        if (precision == 16 || shift < 0)
        {
            throw Damaged(firstFrame, "a predictor of up to 15 bits with a shift of at least 0",
                $"{precision} bits and {shift}");
        }
        Span<int> coefficients = stackalloc int[order]; // in the order of the samples, oldest first
        for (int k = order - 1; k >= 0; k--)
        {
            coefficients[k] = _reader.ReadSigned(precision);
        }
        ReadResidual(samples, order, firstFrame);
        for (int i = order; i < samples.Length; i++)
        {
            ReadOnlySpan<int> history = samples.Slice(i - order, order);
            long sum = 0;
            for (int k = 0; k < history.Length; k++)
            {
                sum += (long)history[k] * coefficients[k];
            }
            samples[i] += (int)(sum >> shift);
        }
    }

    private void ReadResidual(Span<int> samples, int order, long firstFrame)
    {
        int method = (int)_reader.Read(2), partitionOrder = (int)_reader.Read(4);
        int partitionSize = samples.Length >> partitionOrder;
        if (method > 1 || partitionSize << partitionOrder != samples.Length || partitionSize < order)
        {
            throw Damaged(firstFrame, "a residual in partitions of the frame's size",
                $"method {method} and 2^{partitionOrder} partitions of {samples.Length} samples");
        }
        int parameterBits = method == 0 ? 4 : 5;
        int escape = (1 << parameterBits) - 1;
        for (int p = 0, at = order; p < 1 << partitionOrder; p++)
        {
            Span<int> part = samples[at..((p + 1) * partitionSize)];
            int parameter = (int)_reader.Read(parameterBits);
            if (parameter < escape)
            {
                _reader.ReadRice(part, parameter);
            }
            else
            {
                int bits = (int)_reader.Read(5);
                for (int i = 0; i < part.Length; i++)
                {
                    part[i] = _reader.ReadSigned(bits);
                }
            }
            at += part.Length;
        }
    }

    private static void Recombine(Span<int> first, Span<int> second, int assignment)
    {
        for (int i = 0; i < first.Length; i++)
        {
            int a = first[i], b = second[i];
            switch (assignment)
            {
                case LeftSide:
                    second[i] = a - b;
                    break;
                case SideRight:
                    first[i] = a + b;
                    break;
                default:
                    int mid = (a << 1) | (b & 1);
                    first[i] = (mid + b) >> 1;
                    second[i] = (mid - b) >> 1;
                    break;
            }
        }
    }
}
