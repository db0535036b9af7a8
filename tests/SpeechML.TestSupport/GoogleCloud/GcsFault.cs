namespace SpeechML.TestSupport.GoogleCloud;

/// <summary>What the server does wrong with one request.</summary>
internal sealed record GcsFault
{
    /// <summary>Answers with this status and does nothing.</summary>
    public int? Status { get; init; }

    public int? RetryAfter { get; init; }

    /// <summary>Closes the connection and does nothing.</summary>
    public bool CutBefore { get; init; }

    /// <summary>Does what was asked and closes the connection in place of an answer.</summary>
    public bool CutAfter { get; init; }

    /// <summary>Sends so many bytes of the answer's body, then closes the connection.</summary>
    public int? CutBodyAt { get; init; }

    /// <summary>Sends this in place of the answer's body, with the answer's status.</summary>
    public string? Body { get; init; }

    /// <summary>Sends a part as status 200, as some emulators do.</summary>
    public bool PartAs200 { get; init; }

    /// <summary>Begins a part so many bytes earlier than was asked for, and says so.</summary>
    public int RangeEarlier { get; init; }

    /// <summary>Changes a byte of the answer's body.</summary>
    public bool WrongByte { get; init; }

    /// <summary>Tells another checksum.</summary>
    public bool WrongHash { get; init; }

    /// <summary>
    /// Reads so many bytes of the request's body, keeps whole units of them, and resets the connection.
    /// </summary>
    public int? StopReadingAt { get; init; }

    /// <summary>Keeps so many bytes of a piece only, and says so.</summary>
    public int? Commit { get; init; }

    /// <summary>Forgets the upload session.</summary>
    public bool LoseSession { get; init; }

    /// <summary>Waits before it answers.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>A request as it came; the target as it was escaped, header names in lower case.</summary>
internal sealed record GcsRequest(
    string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Path => Target.Split('?')[0];

    public bool IsMedia => Method == "GET" && Target.Contains("alt=media", StringComparison.Ordinal);

    public bool IsList => Method == "GET" && Path.EndsWith("/o", StringComparison.Ordinal);

    public bool IsPiece => Method == "PUT"
        && !Headers.GetValueOrDefault("content-range", "bytes *").StartsWith("bytes *", StringComparison.Ordinal);

    public bool IsQuestion => Method == "PUT" && !IsPiece;

    public string? Query(string name) => Target.Contains('?', StringComparison.Ordinal)
        ? Target.Split('?')[1].Split('&').Select(p => p.Split('=')).Where(p => p[0] == name)
            .Select(p => Uri.UnescapeDataString(p[1])).FirstOrDefault()
        : null;
}

/// <summary>An answer.</summary>
internal sealed record GcsResponse(int Status, byte[] Body, params (string Name, string Value)[] Headers);
