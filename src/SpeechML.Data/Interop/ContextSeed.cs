using System.Reflection;
using Microsoft.ML.Runtime;

namespace SpeechML.Data.Interop;

/// <summary>The seed of an <c>MLContext</c>, which counts where options name none.</summary>
internal static class ContextSeed
{
    /// <summary>What counts where neither the options nor the context have a seed.</summary>
    public const int Default = 0;

    // ML.NET keeps the seed in an interface of its own. A host's generator would not do: what it draws depends on how
    // many hosts were registered before.
    private static readonly PropertyInfo? s_seed = typeof(IHostEnvironment).Assembly
        .GetType("Microsoft.ML.Runtime.IHostEnvironmentInternal")?.GetProperty("Seed");

    /// <summary>The seed in use.</summary>
    /// <param name="env">The context, or a host of it.</param>
    /// <param name="option">The option, which comes first.</param>
    public static int Of(IHostEnvironment env, int? option) =>
        option ?? (s_seed is not null && s_seed.DeclaringType!.IsInstanceOfType(env)
            ? (int?)s_seed.GetValue(env) : null) ?? Default;
}
