using TorchSharp;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>One file of named tensors, whatever its format.</summary>
internal interface IWeightsFile : IDisposable
{
    string Path { get; }

    IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    torch.Tensor Read(string name);
}
