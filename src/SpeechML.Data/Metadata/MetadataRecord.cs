namespace SpeechML.Data.Metadata;

/// <summary>One clip as the file has it.</summary>
/// <param name="Place">The line or the entry, for messages.</param>
/// <param name="Fields">The fields that it has, by column.</param>
internal sealed record MetadataRecord(string Place, Dictionary<string, string> Fields);

/// <summary>All clips of a file.</summary>
/// <param name="Columns">The columns of all records.</param>
/// <param name="Records">The records.</param>
/// <param name="DecimalComma">Whether <c>1,5</c> is a number: commas do not stand between fields.</param>
internal sealed record MetadataTable(
    MetadataColumnNames Columns, IReadOnlyList<MetadataRecord> Records, bool DecimalComma);
