using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace SpeechML.Orleans;

/// <summary>Hosts of silos and clients as the options say.</summary>
internal static class ClusterHosting
{
    // of the list of gateways: a silo that was started again is found so soon
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(1);

    /// <summary>A host without configuration, logging and signals of its own.</summary>
    public static HostApplicationBuilder Empty()
    {
        var builder = new HostApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "SpeechML" });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        return builder;
    }

    /// <summary>Builds and starts a host; one that does not start is let go.</summary>
    public static async Task<IHost> StartAsync(HostApplicationBuilder builder, CancellationToken cancellation)
    {
        IHost host = builder.Build();
        try
        {
            await host.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            host.Dispose();
            throw;
        }
        return host;
    }

    public static void Configure(ISiloBuilder silo, SpeechClusterOptions options)
    {
        switch (options.Clustering)
        {
            case SpeechClustering.Redis:
                silo.UseRedisClustering(options.ConnectionString);
                break;
            case SpeechClustering.AdoNet:
                silo.UseAdoNetClustering(
                    o => (o.Invariant, o.ConnectionString) = (options.AdoNetInvariant, options.ConnectionString));
                break;
            default:
                silo.UseLocalhostClustering(
                    options.SiloPort, options.GatewayPort, null, options.ServiceId, options.ClusterId);
                return;
        }
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (options.ClusterId, options.ServiceId));
        silo.ConfigureEndpoints(options.SiloPort, options.GatewayPort);
    }

    public static void Configure(IClientBuilder client, SpeechClusterOptions options)
    {
        switch (options.Clustering)
        {
            case SpeechClustering.Redis:
                client.UseRedisClustering(options.ConnectionString);
                break;
            case SpeechClustering.AdoNet:
                client.UseAdoNetClustering(
                    o => (o.Invariant, o.ConnectionString) = (options.AdoNetInvariant, options.ConnectionString));
                break;
            default:
                client.UseLocalhostClustering(options.GatewayPort, options.ServiceId, options.ClusterId);
                break;
        }
        client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (options.ClusterId, options.ServiceId));
        // Connections that fail are made anew by who calls, with waits of its own.
        client.UseConnectionRetryFilter((_, _) => Task.FromResult(false));
        client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = s_refresh);
    }
}
