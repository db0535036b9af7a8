namespace SpeechML.Audio.Options;

/// <summary>The types that options have.</summary>
internal static class OptionTypes
{
    /// <summary>Whether a type is that of a single value or of a list.</summary>
    public static bool IsValue(Type type) => ElementOf(type) is { } element ? IsSingle(element) : IsSingle(Plain(type));

    /// <summary>Whether a type is a class of options.</summary>
    public static bool IsGroup(Type type) =>
        type.IsClass && type.Namespace == nameof(SpeechML) && type.GetConstructor(Type.EmptyTypes) is not null;

    /// <summary>Whether every value of a type is valid: a text, a flag, a name of an enum.</summary>
    public static bool IsLimited(Type type) => Plain(type) == typeof(string) || Plain(type) == typeof(bool)
        || Plain(type).IsEnum || Plain(type) == typeof(AudioAugmentation);

    /// <summary>The type of a list's elements; <see langword="null"/> where it is no list.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? type.GetGenericArguments()[0] : null;

    /// <summary>Without <c>?</c>.</summary>
    public static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    /// <summary>What is expected, in words.</summary>
    public static string Describe(Type type) =>
        ElementOf(type) is { } element ? $"a list, each {Describe(element)}" : Plain(type) switch
        {
            Type t when t == typeof(string) => "a text",
            Type t when t == typeof(bool) => "true or false",
            Type t when t == typeof(int) || t == typeof(long) => "a whole number",
            Type t when t == typeof(double) || t == typeof(float) => "a number",
            Type t when t == typeof(TimeSpan) => "a time",
            Type t when t.IsEnum => $"one of {string.Join(", ", Enum.GetNames(t))}",
            Type t when t == typeof(AudioAugmentation) =>
                "an object with the \"type\" of an effect and its parameters",
            _ => "an object",
        };

    private static bool IsSingle(Type type) =>
        type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long)
            || type == typeof(double) || type == typeof(float) || type == typeof(TimeSpan) || type.IsEnum
            || type == typeof(AudioAugmentation);
}
