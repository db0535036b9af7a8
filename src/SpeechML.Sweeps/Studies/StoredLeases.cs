using System.Globalization;

namespace SpeechML.Sweeps.Studies;

/// <summary>
/// Leases as objects, <c>leases/00007-02</c> for the second lease of trial 7: the owner rewrites the object, which
/// changes its generation.
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
            // Only the lease's owner writes here: another of its threads was faster.
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
            // Best effort: a leftover lease object has no effect.
        }
    }

    private string Address(int trial, int lease) =>
        StoragePath.Combine(study, string.Create(CultureInfo.InvariantCulture, $"leases/{trial:D5}-{lease:D2}"));
}
