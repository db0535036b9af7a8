using System.Text.Json.Nodes;
using SpeechML.Encoders;
using SpeechML.Training.Options;

namespace SpeechML;

/// <summary>
/// Adapters from <see cref="LoraOptions"/>. The options declare ML.NET's search space, which the assembly of the
/// encoders does not know.
/// </summary>
public static class LoraAdapterExtensions
{
    extension(LoraAdapter adapter)
    {
        /// <summary>
        /// Gives an encoder a new adapter that changes nothing yet: A is uniform in ±1/√inputs, B zero, a DoRA
        /// magnitude the norm of its row.
        /// </summary>
        /// <param name="encoder">The encoder; its own parameters are frozen.</param>
        /// <param name="options">What to adapt, and how.</param>
        /// <param name="seed">Seed of A; no other random stream is touched.</param>
        /// <exception cref="ArgumentException">An option is out of its range, or names what the encoder does not
        /// have.</exception>
        /// <exception cref="InvalidOperationException">The encoder has an adapter.</exception>
        public static LoraAdapter Attach(SpeechEncoder encoder, LoraOptions options, int seed)
        {
            ArgumentNullException.ThrowIfNull(encoder);
            ArgumentNullException.ThrowIfNull(options);
            LoraAdapter.RefuseSecond(encoder);
            return LoraAdapter.Attach(encoder, LoraChecks.Check(options, encoder, EncoderNames.Prefix(encoder)), seed);
        }

        internal static LoraAdapter On(SpeechEncoder encoder, LoraOptions options, JsonObject? source = null) =>
            LoraAdapter.On(encoder, LoraChecks.Check(options, encoder, EncoderNames.Prefix(encoder)), source);

        /// <summary>What the adapter is; <c>Attach</c> builds one of the same shape from it.</summary>
        public LoraOptions Options =>
            LoraChecks.ToOptions(adapter.Rules, adapter.Encoder, adapter.Prefix, adapter.Sites);
    }
}
