using System.Security.Cryptography;

namespace SpeechML.Encoders.Hub;

/// <summary>
/// Repeats what failed on the way: waits that double, spread at random so that many clients do not come back at once,
/// and as long as the server asks.
/// </summary>
internal sealed class HubRetry(HubOptions options)
{
    private const string NoNetwork = " Without a network, give a folder, or set HF_HUB_OFFLINE=1 for what is in the " +
        "cache; HF_ENDPOINT names a mirror.";

    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longestRetryAfter = TimeSpan.FromMinutes(10);

    /// <param name="action">What to repeat.</param>
    /// <param name="maxRetries">Fewer repetitions than the options allow.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> action, int maxRetries, CancellationToken cancellation)
    {
        for (int failures = 0; ;)
        {
            try
            {
                return await action().ConfigureAwait(false);
            }
            catch (HubTransientException failure)
            {
                failures++;
                await WaitAsync(failure, failures, maxRetries, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <exception cref="HubException">It has failed too often, or the server asks for too long a wait.</exception>
    public async Task WaitAsync(
        HubTransientException failure, int failures, int maxRetries, CancellationToken cancellation)
    {
        if (failures > Math.Min(Math.Min(maxRetries, failure.MaxRetries), options.MaxRetries))
        {
            string advice = failure.InnerException is HttpRequestException ? NoNetwork : "";
            throw new HubException(
                $"{failure.Message} Given up after {failures} attempt{(failures == 1 ? "" : "s")}.{advice}",
                failure.StatusCode, failure);
        }
        if (failure.RetryAfter > s_longestRetryAfter)
        {
            throw new HubException(
                $"{failure.Message} The server asks to come back after {failure.RetryAfter.Value.TotalSeconds:0} s.",
                failure.StatusCode, failure);
        }
        double spread = 0.5 + (RandomNumberGenerator.GetInt32(1 << 16) / (double)(1 << 16));
        double seconds = Math.Min(
            options.RetryDelay.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 20)), s_longestBackOff.TotalSeconds) *
            spread;
        TimeSpan wait = failure.RetryAfter is { } asked && asked.TotalSeconds > seconds ? asked
            : TimeSpan.FromSeconds(seconds);
        await Task.Delay(wait, cancellation).ConfigureAwait(false);
    }
}
