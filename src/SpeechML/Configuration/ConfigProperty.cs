using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SpeechML.Configuration;

/// <summary>
/// A property that a configuration file can set: public, with a setter, of a kind that <see cref="ConfigValue"/> knows
/// or an object of such.
/// </summary>
internal sealed class ConfigProperty
{
    private static readonly NullabilityInfoContext s_nullability = new();

    private ConfigProperty(PropertyInfo property)
    {
        Property = property;
        Key = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        lock (s_nullability)
        {
            MayBeNull = s_nullability.Create(property).WriteState == NullabilityState.Nullable;
        }
    }

    public PropertyInfo Property { get; }

    /// <summary>Its name in files: <c>headLearningRate</c>.</summary>
    public string Key { get; }

    /// <summary>Whether a file must give it.</summary>
    public bool IsRequired { get; }

    public bool MayBeNull { get; }

    /// <summary>Whether another value decides its class.</summary>
    public bool IsVariant =>
        typeof(IConfigVariants).IsAssignableFrom(Property.DeclaringType) && !ConfigValue.IsValue(Property.PropertyType);

    /// <summary>The properties of a class, the base class's first, in the order of the source.</summary>
    /// <exception cref="NotSupportedException">A property of a type that a file cannot hold.</exception>
    public static ConfigProperty[] Of(Type type)
    {
        ConfigProperty[] all = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetMethod?.IsPublic == true && p.SetMethod?.IsPublic == true
                && p.GetIndexParameters().Length == 0)
            .OrderBy(p => Depth(p.DeclaringType!)).ThenBy(p => p.MetadataToken)
            .Select(p => new ConfigProperty(p))];
        ConfigProperty? unknown =
            Array.Find(all, p => !ConfigValue.IsValue(p.Property.PropertyType) && !IsObject(p.Property.PropertyType));
        return unknown is null
            ? all
            : throw new NotSupportedException(
                $"Configuration of {type.Name}: expected {unknown.Property.Name} to be a text, number, flag, enum, " +
                $"list of such, or a class of SpeechML with a constructor without parameters, got " +
                $"{unknown.Property.PropertyType}.");
    }

    /// <summary>The class of the property's object.</summary>
    public Type ObjectType(object owner) =>
        IsVariant ? ((IConfigVariants)owner).TypeOf(Property.Name) : Property.PropertyType;

    /// <summary>A new object; members that are required are still unset.</summary>
    public static object Create(Type type) => Activator.CreateInstance(type)!;

    private static bool IsObject(Type type) =>
        type.IsClass && type.Namespace == nameof(SpeechML)
        && type.GetConstructor(Type.EmptyTypes) is not null;

    private static int Depth(Type type) => type.BaseType is null ? 0 : 1 + Depth(type.BaseType);
}
