namespace SpeechML.Encoders.Hub;

/// <summary>What is asked of the Hub, for messages.</summary>
/// <param name="Id">The model.</param>
/// <param name="Revision">Its revision or commit.</param>
/// <param name="File">The file, or <see langword="null"/> for the model's list of files.</param>
internal sealed record HubRequest(string Id, string Revision, string? File = null)
{
    public override string ToString() => $"Hub model '{Id}' at '{Revision}'{(File is null ? "" : $", file '{File}'")}";
}
