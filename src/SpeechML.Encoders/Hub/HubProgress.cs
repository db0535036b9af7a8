namespace SpeechML;

/// <summary>How far the download of one file is.</summary>
/// <param name="File">The file, as the model names it.</param>
/// <param name="Bytes">Bytes that are there, with those of an earlier, broken download.</param>
/// <param name="TotalBytes">Bytes of the whole file.</param>
public readonly record struct HubProgress(string File, long Bytes, long TotalBytes);
