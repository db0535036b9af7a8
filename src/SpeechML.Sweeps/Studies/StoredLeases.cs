using System.Globalization;

namespace SpeechML.Sweeps.Studies;

/// <summary>
/// Signs as objects, <c>leases/00007-02</c> for the second lease of trial 7: written anew by who has the lease, and
/// known by their generation.
/// </summary>
internal sealed class StoredLeases(string study, TimeSpan time) : IStudyLeases
{
    private static readonly byte[] s_sign = "alive\n"u8.ToArray();
    private readonly IObjectStore _store = ObjectStores.For(study);

    /// <inheritdoc/>
    public TimeSpan Time => time;

    /// <inheritdoc/>
    public void Renew(int trial, int lease)
    {
        try
        {
            _store.Write(Address(trial, lease), new MemoryStream(s_sign, writable: false), WriteCondition.Overwrite);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Conflict)
        {
            // Only who has the lease writes here: it was a sign of its own, on another thread.
        }
    }

    /// <inheritdoc/>
    public long Sign(int trial, int lease) => _store.Find(Address(trial, lease))?.Generation ?? 0;

    /// <inheritdoc/>
    public void End(int trial, int lease)
    {
        try
        {
            _store.Delete(Address(trial, lease));
        }
        catch (StorageException)
        {
            // A sign that stays bothers nobody.
        }
    }

    private string Address(int trial, int lease) =>
        StoragePath.Combine(study, string.Create(CultureInfo.InvariantCulture, $"leases/{trial:D5}-{lease:D2}"));
}
