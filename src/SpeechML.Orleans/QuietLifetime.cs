using Microsoft.Extensions.Hosting;

namespace SpeechML.Orleans;

/// <summary>
/// A host that leaves the process's signals alone: they are the program's, which has other things to do than this host.
/// </summary>
internal sealed class QuietLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
