namespace SpeechML.Configuration;

/// <summary>A configuration one of whose objects has a class that another of its values decides.</summary>
internal interface IConfigVariants
{
    /// <summary>The property that decides; it is declared before the object.</summary>
    string Selector { get; }

    /// <summary>The class of a property's object, as the deciding value stands.</summary>
    Type TypeOf(string property);

    /// <summary>The class for each deciding value.</summary>
    IReadOnlyDictionary<string, Type> AllTypesOf(string property);
}
