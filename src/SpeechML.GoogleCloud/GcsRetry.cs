using System.Globalization;
using System.Security.Cryptography;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Repeats as https://cloud.google.com/storage/docs/retry-strategy says: 408, 429, 5xx and broken connections, with
/// waits that double up to a limit and differ at random, until a
/// deadline. Only what may be repeated is brought here: reads, and writes that name the generation they replace.
/// </summary>
internal sealed class GcsRetry(GoogleCloudStorageOptions options)
{
    /// <summary>Runs an action until it succeeds.</summary>
    /// <exception cref="StorageException">The deadline has passed.</exception>
    public async Task<T> RunAsync<T>(string address, Func<Task<T>> action, CancellationToken cancellation)
    {
        Attempts attempts = Begin(address);
        while (true)
        {
            try
            {
                return await action().ConfigureAwait(false);
            }
            catch (GcsTransientException failure)
            {
                await attempts.WaitAsync(failure, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>For loops of their own.</summary>
    public Attempts Begin(string address) => new(options, address);

    /// <summary>The failures of one action since it last made progress.</summary>
    internal sealed class Attempts(GoogleCloudStorageOptions options, string address)
    {
        private long _start = options.TimeProvider.GetTimestamp();

        public int Failures { get; private set; }

        /// <summary>Progress was made: patience begins anew.</summary>
        public void Reset()
        {
            Failures = 0;
            _start = options.TimeProvider.GetTimestamp();
        }

        /// <exception cref="StorageException">The deadline would pass.</exception>
        public async Task WaitAsync(GcsTransientException failure, CancellationToken cancellation)
        {
            Failures++;
            TimeSpan wait = Wait();
            wait = failure.RetryAfter is { } asked && asked > wait ? asked : wait;
            TimeSpan elapsed = options.TimeProvider.GetElapsedTime(_start);
            if (elapsed + wait > options.RetryDeadline)
            {
                throw new StorageException(
                    StorageErrorKind.Unavailable,
                    address,
                    string.Create(CultureInfo.InvariantCulture,
                    $"expected an answer within {options.RetryDeadline.TotalSeconds:0.#} s (RetryDeadline), got " +
                    $"{failure.Message} at the last of {Failures} attempt{(Failures == 1 ? "" : "s")} in " +
                    $"{elapsed.TotalSeconds:0.#} s. Check the network and the state of the service, then try again."),
                    failure);
            }
            await Task.Delay(wait, options.TimeProvider, cancellation).ConfigureAwait(false);
        }

        private TimeSpan Wait()
        {
            double random = RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20);
            double doubled = Math.Pow(2, Math.Min(Failures - 1, 30)) + random;
            return TimeSpan.FromSeconds(
                Math.Min(options.RetryDelay.TotalSeconds * doubled, options.LongestRetryDelay.TotalSeconds));
        }
    }
}
