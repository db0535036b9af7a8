using NAudio.Wave;
using SpeechML.Audio.Formats.Wav;

namespace SpeechML.Audio.Sources;

/// <summary>Reads frames from a provider of bytes, decoded as those of a WAV file of its format are.</summary>
internal sealed class WaveProviderReader : AudioReader
{
    private const int MaxFrames = 1 << 14;

    private readonly IWaveProvider _provider;
    private readonly WavCodec _codec;
    private byte[] _bytes = [];

    public WaveProviderReader(IWaveProvider provider, string name)
        : base(name)
    {
        _provider = provider;
        using var chunk = new MemoryStream();
        using var writer = new BinaryWriter(chunk);
        provider.WaveFormat.Serialize(writer); // the chunk's size, then the chunk
        writer.Flush();
        var format = Formats.Wav.WavFormat.Parse(chunk.ToArray()[sizeof(int)..], bigEndian: false, name);
        if (format.Tag is not (WavTag.Pcm or WavTag.Float or WavTag.ALaw or WavTag.MuLaw))
        {
            throw new ArgumentException(
                $"FromSampleProvider: expected a provider of PCM, floating point, A-law or mu-law, got " +
                $"{provider.WaveFormat.Encoding}. Decode it before.", nameof(provider));
        }
        _codec = WavCodec.ForFormat(format, name);
        SampleRate = format.SampleRate;
        Channels = format.Channels;
        MayHoldNonFinite = _codec.MayHoldNonFinite;
    }

    public override void Dispose()
    {
    }

    protected override int ReadCore(Span<float> interleaved)
    {
        int frames = Math.Min(MaxFrames, interleaved.Length / Channels);
        if (_bytes.Length < frames * _codec.BytesPerFrame)
        {
            _bytes = new byte[frames * _codec.BytesPerFrame];
        }
        Span<byte> bytes = _bytes.AsSpan(0, frames * _codec.BytesPerFrame);
        int read = WholeFrames.Read(bytes, _codec.BytesPerFrame, _provider.Read);
        _codec.Decode(bytes[..(read * _codec.BytesPerFrame)], interleaved[..(read * Channels)]);
        return read;
    }
}
