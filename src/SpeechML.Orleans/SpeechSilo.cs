using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SpeechML.Orleans;

namespace SpeechML;

/// <summary>
/// A silo: a process in which studies live that workers take their trials from. It trains nothing and reads no audio.
/// Its death loses nothing: the study's log is in the study's folder or
/// bucket, and workers wait until the silo, or another one of the cluster, is there.
/// </summary>
public sealed class SpeechSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private SpeechSilo(IHost host) => _host = host;

    /// <summary>Starts a silo in this process.</summary>
    /// <param name="sweep">The sweep that workers and clients are started with too; its study, a folder that all share
    /// or an address, is its name in the cluster.</param>
    /// <param name="options">The cluster; <see langword="null"/> for one silo on this machine.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="InvalidOperationException">The sweep lacks something.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public static async Task<SpeechSilo> StartAsync(
        SpeechSweep sweep, SpeechClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SpeechClusterOptions();
        options.Validate();
        HostApplicationBuilder builder = ClusterHosting.Empty();
        builder.UseOrleans(silo =>
        {
            ClusterHosting.Configure(silo, options);
            silo.AddSpeechSweep(sweep);
        });
        return new SpeechSilo(await ClusterHosting.StartAsync(builder, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Waits until the process is told to end (SIGTERM, Ctrl+C), and stops the silo.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        using var told = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            told.Cancel();
        }
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        await _host.WaitForShutdownAsync(told.Token).ConfigureAwait(false);
    }

    /// <summary>Stops the silo.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().ConfigureAwait(false);
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>Studies in silos of one's own configuration.</summary>
public static class SpeechSiloBuilderExtensions
{
    /// <summary>
    /// Lets the study of a sweep live in this silo; for hosts that are configured otherwise than
    /// <see cref="SpeechSilo"/>.
    /// </summary>
    /// <param name="builder">The silo's builder.</param>
    /// <param name="sweep">The sweep.</param>
    /// <exception cref="InvalidOperationException">The sweep lacks something.</exception>
    public static ISiloBuilder AddSpeechSweep(this ISiloBuilder builder, SpeechSweep sweep)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(sweep);
        if (builder.Services.FirstOrDefault(s => s.ServiceType == typeof(SweepRegistry))?.ImplementationInstance
            is not SweepRegistry registry)
        {
            registry = new SweepRegistry();
            builder.Services.AddSingleton(registry);
        }
        registry.Add(sweep.Definition());
        return builder;
    }
}
