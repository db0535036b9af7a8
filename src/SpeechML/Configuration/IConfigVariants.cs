namespace SpeechML.Configuration;

/// <summary>A configuration one of whose groups has a class that another of its values decides.</summary>
internal interface IConfigVariants
{
    /// <summary>The property that decides.</summary>
    string Selector { get; }

    /// <summary>The class of a group, as the deciding value stands.</summary>
    Type TypeOf(string property);

    /// <summary>The class for each deciding value.</summary>
    IReadOnlyDictionary<string, Type> AllTypesOf(string property);
}
