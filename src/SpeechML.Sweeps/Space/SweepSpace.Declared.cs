using SpeechML.Audio.Options;
using SpeechML.Sweeps.Space;

namespace SpeechML;

/// <summary>
/// Search spaces that the options' classes declare by ML.NET's attributes (<c>[Range]</c>, <c>[Choice]</c>,
/// <c>[BooleanChoice]</c>, <c>[NestOption]</c> of <c>Microsoft.ML.SearchSpace</c>): the same that
/// <c>new SearchSpace&lt;TOptions&gt;(defaults)</c> of ML.NET's AutoML reads, with the conditions that those attributes
/// cannot say.
/// </summary>
public static class SweepSpace
{
    /// <summary>
    /// The declared options, in their declared ranges: rates on log scales, freezing, adapter, pooling, head, schedule,
    /// weights of the loss. What takes part only with another option (<c>Lora.Alpha</c> with a
    /// rank above 0) is conditional on it.
    /// </summary>
    /// <typeparam name="TOptions">The options' class of the trainer.</typeparam>
    /// <param name="defaults">What holds for every trial; the encoder, at least.</param>
    /// <param name="options">Names of those to vary, <c>Lora</c> for all within it; without names all that are declared
    /// and can take part.</param>
    /// <exception cref="ArgumentException">An option declares nothing, takes no part, or its values contradict the
    /// defaults.</exception>
    public static SweepSpace<TOptions> FromDeclared<TOptions>(TOptions defaults, params string[] options)
        where TOptions : SpeechTrainingOptions
    {
        ArgumentNullException.ThrowIfNull(defaults);
        ArgumentNullException.ThrowIfNull(options);
        OptionPath[] declared = [.. DeclaredOptions.Of(typeof(TOptions))];
        if (options.Length == 0)
        {
            string[] all = [.. declared.Select(d => d.Name)];
            declared = [.. declared.Where(
                d => DeclaredOptions.Conditions(d)
                .All(c => all.Contains(c.Parent) || DeclaredOptions.HoldsIn(c, defaults)))];
            return new SweepSpace<TOptions>(defaults, [.. declared.Select(d => SweepParameter.AsDeclared(d.Name))]);
        }
        return new SweepSpace<TOptions>(
            defaults,
            [.. options.SelectMany(name => declared.Where(d => d.Name.StartsWith(name + '.', StringComparison.Ordinal))
            .Select(d => d.Name).DefaultIfEmpty(name)).Distinct().Select(SweepParameter.AsDeclared)]);
    }

    /// <summary>
    /// Sets what takes no part, given the other options, back to its class's default: for options from a tuner that
    /// knows no conditions, such as ML.NET's AutoML, so that the trainer does not refuse a dropout of
    /// adapters that are not there.
    /// </summary>
    /// <param name="options">The options, which are changed.</param>
    public static void ResetUnused(SpeechTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Type type = options.GetType();
        object fresh = Activator.CreateInstance(type)!;
        bool changed;
        do
        {
            changed = false;
            foreach (OptionPath option in DeclaredOptions.Of(type)
                .Where(o => !DeclaredOptions.Conditions(o).All(c => DeclaredOptions.HoldsIn(c, options))))
            {
                object value = option.Get(fresh)!;
                changed |= !value.Equals(option.Get(options));
                option.Set(options, value);
            }
        }
        while (changed);
        if (options.Lora.Rank == 0)
        {
            // Which maps to adapt, for one: said in the defaults for the trials that have adapters.
            options.Lora = new LoraOptions();
        }
    }
}
