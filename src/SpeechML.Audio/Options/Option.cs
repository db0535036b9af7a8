using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SpeechML.Audio.Options;

/// <summary>One option of a class: a value, or a group of options that is an object of its own.</summary>
internal sealed class Option
{
    private static readonly NullabilityInfoContext s_nullability = new();
    private readonly InRangeAttribute? _range;
    private readonly IsTextAttribute? _text;
    private readonly IsNameOfAttribute? _names;
    private readonly InCodeOnlyAttribute? _inCode;

    internal Option(PropertyInfo property)
    {
        Property = property;
        Key = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        _inCode = property.GetCustomAttribute<InCodeOnlyAttribute>();
        IsGroup = _inCode is null && !OptionTypes.IsValue(Type);
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        AffectsResult = !property.IsDefined(typeof(DoesNotAffectResultAttribute))
            && !property.DeclaringType!.IsDefined(typeof(DoesNotAffectResultAttribute));
        IsVaried = AffectsResult && !property.IsDefined(typeof(NotVariedAttribute));
        Conditions = [.. property.GetCustomAttributes<ActiveWhenAttribute>()];
        FormerNames = [.. property.GetCustomAttributes<FormerNameAttribute>()];
        FormerValues = [.. property.GetCustomAttributes<FormerValueAttribute>()];
        _range = property.GetCustomAttribute<InRangeAttribute>();
        _text = property.GetCustomAttribute<IsTextAttribute>();
        _names = property.GetCustomAttribute<IsNameOfAttribute>();
        lock (s_nullability)
        {
            MayBeNull = s_nullability.Create(property).WriteState == NullabilityState.Nullable;
        }
    }

    public PropertyInfo Property { get; }

    public string Name => Property.Name;

    /// <summary>Its name in files: <c>headLearningRate</c>.</summary>
    public string Key { get; }

    public Type Type => Property.PropertyType;

    public bool IsGroup { get; }

    /// <summary>Whether a file must give it.</summary>
    public bool IsRequired { get; }

    public bool MayBeNull { get; }

    /// <summary>Whether trained weights depend on it.</summary>
    public bool AffectsResult { get; }

    /// <summary>Whether a sweep may vary it.</summary>
    public bool IsVaried { get; }

    /// <summary>When it takes part, given others of its class; all must hold.</summary>
    public IReadOnlyList<ActiveWhenAttribute> Conditions { get; }

    public IReadOnlyList<FormerNameAttribute> FormerNames { get; }

    public IReadOnlyList<FormerValueAttribute> FormerValues { get; }

    /// <summary>The numbers that are valid; <see langword="null"/> where all are, or it is no number.</summary>
    public InRangeAttribute? Range => _range;

    /// <summary>The names that its text may be; <see langword="null"/> where it is no name.</summary>
    public IsNameOfAttribute? Names => _names;

    /// <summary>What it must be, in words.</summary>
    public string Expected => _range?.Expected ?? _text?.Expected ?? _inCode?.Expected ?? Kind;

    /// <summary>What can be written for it, in words.</summary>
    public string Kind => _names?.Expected ?? OptionTypes.Describe(Type);

    /// <summary>Whether attributes or its type say which values are valid, beyond any number or object.</summary>
    public bool SaysWhatIsValid => _range is not null || _text is not null || _inCode is not null || _names is not null
        || IsGroup || OptionTypes.IsLimited(OptionTypes.ElementOf(Type) ?? Type);

    /// <summary>What it does, from the XML documentation; empty where that is not beside the assembly.</summary>
    public string Summary => OptionSummaries.Of(Property);

    /// <summary>Refuses a value that is not valid.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">The option's path, for the message.</param>
    /// <exception cref="ArgumentException">Names the path, what is expected and what it is.</exception>
    public void Check(object? value, string path)
    {
        if (value is null)
        {
            OptionChecks.Check(MayBeNull, path, IsGroup ? "an object with its options" : Expected, value);
        }
        else if (value is Enum name)
        {
            OptionChecks.Check(Enum.IsDefined(name.GetType(), name), path, OptionTypes.Describe(Type), value);
        }
        else if (_names is not null)
        {
            OptionChecks.Check(_names.Find((string?)value) is not null, path, _names.Expected, value);
        }
        else if (_text is not null)
        {
            IEnumerable<string?> texts = value as IEnumerable<string?> ?? [(string)value];
            OptionChecks.Check(texts.All(_text.Accepts), path, _text.Expected,
                value is string ? value : string.Join("', '", texts));
        }
        else if (_range is not null)
        {
            IEnumerable<double> numbers = value switch
            {
                IEnumerable<double> several => several,
                TimeSpan time => [time.TotalSeconds],
                _ => [Convert.ToDouble(value, CultureInfo.InvariantCulture)],
            };
            OptionChecks.Check(numbers.All(_range.Contains), path, _range.Expected,
                value is IEnumerable<double> ? string.Join(", ", numbers) : value);
        }
    }
}
