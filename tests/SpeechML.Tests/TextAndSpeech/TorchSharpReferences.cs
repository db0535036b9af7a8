using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SpeechML.Tests.TextAndSpeech;

/// <summary>What an assembly calls in TorchSharp, and which of it the TorchSharp beside it does not have.</summary>
internal sealed class TorchSharpReferences : IDisposable
{
    private const string Name = "TorchSharp";

    private readonly PEReader _file;
    private readonly MetadataReader _torchSharp;
    private readonly Dictionary<string, TypeDefinitionHandle> _types = new(StringComparer.Ordinal);

    public TorchSharpReferences()
    {
        _file = Open(Name);
        _torchSharp = _file.GetMetadataReader();
        foreach (TypeDefinitionHandle handle in _torchSharp.TypeDefinitions)
        {
            _types[TypeNames.Of(_torchSharp, handle)] = handle;
        }
    }

    /// <summary>Members of TorchSharp that an assembly refers to.</summary>
    public static int Count(string assembly) => Members(assembly).Count;

    /// <summary>Those that TorchSharp has not, or not for others: type, name and signature.</summary>
    public string[] Missing(string assembly) =>
        [.. Members(assembly).Where(m => !Has(m.Type, m.Member)).Select(m => $"{m.Type}: {m.Member}").Order()];

    public void Dispose() => _file.Dispose();

    private static PEReader Open(string assembly) =>
        new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));

    private static List<(string Type, string Member)> Members(string assembly)
    {
        using PEReader file = Open(assembly);
        MetadataReader reader = file.GetMetadataReader();
        var members = new List<(string, string)>();
        foreach (MemberReferenceHandle handle in reader.MemberReferences)
        {
            MemberReference member = reader.GetMemberReference(handle);
            if (Owner(reader, member.Parent) is not { } owner)
            {
                continue;
            }
            string name = reader.GetString(member.Name);
            members.Add((owner, member.GetKind() == MemberReferenceKind.Field
                ? Field(name, member.DecodeFieldSignature(TypeNames.Instance, null))
                : Method(name, member.DecodeMethodSignature(TypeNames.Instance, null))));
        }
        return members;
    }

    /// <summary>The type of TorchSharp that a member is looked for in; null for one of elsewhere.</summary>
    private static string? Owner(MetadataReader reader, EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeSpecification)
        {
            // generic: the definition's name before its arguments
            var specification = reader.GetTypeSpecification((TypeSpecificationHandle)parent);
            BlobReader blob = reader.GetBlobReader(specification.Signature);
            if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            {
                return null;
            }
            _ = blob.ReadByte(); // class or value type
            parent = blob.ReadTypeHandle();
        }
        return parent.Kind == HandleKind.TypeReference
            && TypeNames.Assembly(reader, (TypeReferenceHandle)parent) == Name
            ? TypeNames.Of(reader, (TypeReferenceHandle)parent) : null;
    }

    private bool Has(string type, string member)
    {
        for (string? current = type; current is not null && _types.TryGetValue(current, out var handle);)
        {
            TypeDefinition definition = _torchSharp.GetTypeDefinition(handle);
            if (IsVisible(definition) && Declared(definition).Contains(member))
            {
                return true;
            }
            current = definition.BaseType.Kind switch
            {
                HandleKind.TypeDefinition =>
                    TypeNames.Of(_torchSharp, (TypeDefinitionHandle)definition.BaseType),
                HandleKind.TypeSpecification => _torchSharp
                    .GetTypeSpecification((TypeSpecificationHandle)definition.BaseType)
                    .DecodeSignature(TypeNames.Instance, null).Split('<')[0],
                _ => null,
            };
        }
        return false;
    }

    private static bool IsVisible(TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) is
        TypeAttributes.Public or TypeAttributes.NestedPublic or TypeAttributes.NestedFamily
        or TypeAttributes.NestedFamORAssem;

    private IEnumerable<string> Declared(TypeDefinition type)
    {
        foreach (MethodDefinitionHandle handle in type.GetMethods())
        {
            MethodDefinition method = _torchSharp.GetMethodDefinition(handle);
            if ((method.Attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public
                or MethodAttributes.Family or MethodAttributes.FamORAssem)
            {
                yield return Method(
                    _torchSharp.GetString(method.Name), method.DecodeSignature(TypeNames.Instance, null));
            }
        }
        foreach (FieldDefinitionHandle handle in type.GetFields())
        {
            FieldDefinition field = _torchSharp.GetFieldDefinition(handle);
            if ((field.Attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public
                or FieldAttributes.Family or FieldAttributes.FamORAssem)
            {
                yield return Field(
                    _torchSharp.GetString(field.Name), field.DecodeSignature(TypeNames.Instance, null));
            }
        }
    }

    private static string Field(string name, string type) => $"{type} {name}";

    private static string Method(string name, MethodSignature<string> signature) =>
        $"{(signature.Header.IsInstance ? "" : "static ")}{signature.ReturnType} {name}" +
        $"{(signature.GenericParameterCount == 0 ? "" : $"`{signature.GenericParameterCount}")}" +
        $"({string.Join(", ", signature.ParameterTypes)})";
}
