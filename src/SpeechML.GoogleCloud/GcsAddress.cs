using System.Text;

namespace SpeechML.GoogleCloud;

/// <summary>
/// <c>gs://bucket/object</c>. What stands behind the bucket is the object's name as it is, nothing in it is escaped.
/// The rules for names:
/// https://cloud.google.com/storage/docs/buckets#naming and https://cloud.google.com/storage/docs/objects#naming.
/// </summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Name">The object's name, or the beginning of one.</param>
internal readonly record struct GcsAddress(string Bucket, string Name)
{
    private const string Start = "gs://";
    private const int LongestName = 1024;

    /// <summary>The address of an object.</summary>
    /// <exception cref="StorageException">It is not one.</exception>
    public static GcsAddress Parse(string address)
    {
        GcsAddress parsed = ParsePrefix(address);
        string? problem =
            parsed.Name.Length == 0 ? "no name"
            : parsed.Name is "." or ".." ? $"the name '{parsed.Name}'"
            : Encoding.UTF8.GetByteCount(parsed.Name) > LongestName ? $"{Encoding.UTF8.GetByteCount(parsed.Name)} bytes"
            : null;
        return problem is null ? parsed
            : throw Invalid(address,
            $"an object name of 1 to {LongestName} bytes behind the bucket, other than '.' and '..'", problem);
    }

    /// <summary>The address of a bucket, or the beginning of those of objects.</summary>
    /// <exception cref="StorageException">It is not one.</exception>
    public static GcsAddress ParsePrefix(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.StartsWith(Start, StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid(address, "gs://bucket/name", "another scheme");
        }
        int slash = address.IndexOf('/', Start.Length);
        string bucket = slash < 0 ? address[Start.Length..] : address[Start.Length..slash];
        if (bucket.Length is < 3 or > 222
            || !bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.'))
        {
            throw Invalid(address, "a bucket of 3 to 222 lower-case letters, digits, '-', '_' and '.'", $"'{bucket}'");
        }
        string name = slash < 0 ? "" : address[(slash + 1)..];
        int control = name.AsSpan().IndexOfAny('\r', '\n');
        return control < 0 ? new GcsAddress(bucket, name)
            : throw Invalid(address, "a name without line breaks", "one with");
    }

    /// <summary>The object as a part of a request's path; every <c>/</c> of the name is escaped.</summary>
    public string ObjectPath => $"b/{Uri.EscapeDataString(Bucket)}/o/{Uri.EscapeDataString(Name)}";

    public override string ToString() => $"{Start}{Bucket}/{Name}";

    private static StorageException Invalid(string address, string expected, string got) =>
        new(StorageErrorKind.Invalid, address, $"expected {expected}, got {got}.");
}
