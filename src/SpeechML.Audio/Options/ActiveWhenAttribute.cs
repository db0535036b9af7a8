namespace SpeechML.Audio.Options;

/// <summary>
/// In a declared search space the option takes part only where another one of its class has one of some values (or,
/// with <see cref="Above"/>, is greater). Several must all hold. ML.NET's own attributes know no
/// conditions.
/// </summary>
/// <param name="option">The other option; within another with a dot.</param>
/// <param name="values">Its values; none with <see cref="Above"/>.</param>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
internal sealed class ActiveWhenAttribute(string option, params object[] values) : Attribute
{
    public string Option => option;

    public object[] Values => values;

    /// <summary>A limit, exclusive; counts where there are no values.</summary>
    public double Above { get; set; }
}
