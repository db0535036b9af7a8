using NAudio.Wave;

namespace SpeechML.Audio.Sources;

/// <summary>Reads frames from a provider of samples, which may stop within a frame and go on in its next answer.
/// </summary>
internal sealed class SampleProviderReader : AudioReader
{
    private readonly ISampleProvider _provider;

    public SampleProviderReader(ISampleProvider provider, string name)
        : base(name)
    {
        _provider = provider;
        SampleRate = provider.WaveFormat.SampleRate;
        Channels = provider.WaveFormat.Channels;
        MayHoldNonFinite = true;
    }

    public override void Dispose()
    {
    }

    protected override int ReadCore(Span<float> interleaved) =>
        WholeFrames.Read(interleaved, Channels, _provider.Read);
}
