using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SpeechML.Sweeps.Studies;

namespace SpeechML.Orleans;

/// <summary>
/// A client's way to a study's grain. While the cluster cannot be reached calls are repeated, if need be over a new
/// connection, for as long as the options say.
/// </summary>
internal sealed class ClusterConnection : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(10);
    private readonly SpeechClusterOptions _options;
    private readonly string _study;
    private readonly SemaphoreSlim _gate = new(1);
    private IHost? _host;

    public ClusterConnection(SpeechClusterOptions options, string study)
    {
        options.Validate();
        _options = options;
        _study = study;
    }

    /// <summary>Calls the grain.</summary>
    /// <exception cref="StudyLogException">It cannot be reached, or not do what it was asked to.</exception>
    public async Task<T> CallAsync<T>(Func<IStudyGrain, Task<T>> call, CancellationToken cancellation = default)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan pause = s_firstPause;
        while (true)
        {
            IHost? host = null;
            try
            {
                host = await ConnectAsync(cancellation).ConfigureAwait(false);
                return await call(host.Services.GetRequiredService<IGrainFactory>().GetGrain<IStudyGrain>(_study))
                    .WaitAsync(s_attempt, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (IsTransient(e) && !cancellation.IsCancellationRequested)
            {
                if (clock.Elapsed >= _options.RetryFor)
                {
                    throw new StudyLogException(
                        $"Study '{_study}': expected its cluster '{_options.ClusterId}' to answer within " +
                        $"{_options.RetryFor}, got no answer. {e.Message} Start a silo; the study is where it was.", e);
                }
                await DropAsync(host).ConfigureAwait(false);
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync(_host).ConfigureAwait(false);
        _gate.Dispose();
    }

    private async Task<IHost> ConnectAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_host is { } connected)
            {
                return connected;
            }
            HostApplicationBuilder builder = ClusterHosting.Empty();
            builder.UseOrleansClient(client => ClusterHosting.Configure(client, _options));
            return _host = await ClusterHosting.StartAsync(builder, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Lets a connection go, unless another call has done so.</summary>
    private async Task DropAsync(IHost? host)
    {
        if (host is null)
        {
            return;
        }
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_host != host)
            {
                return;
            }
            _host = null;
        }
        finally
        {
            _gate.Release();
        }
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await host.StopAsync(soon.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsTransient(e) || e is OperationCanceledException)
        {
            // The silo is unreachable, so no graceful shutdown is possible.
        }
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool IsTransient(Exception e) =>
        e is OrleansException or TimeoutException or SocketException or ObjectDisposedException
            or OperationCanceledException or InvalidOperationException
        || (e is AggregateException many && many.InnerExceptions.All(IsTransient))
        || e.GetType().Namespace?.StartsWith("Orleans", StringComparison.Ordinal) == true;
}
