using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace SpeechML.TestSupport;

/// <summary>
/// Which methods the methods of an assembly call, read from its IL. A name is
/// <c>Namespace.Type/Nested::Method(parameter types)</c>.
/// </summary>
internal static class CallGraph
{
    private static readonly Dictionary<int, OpCode> s_opcodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => (int)(ushort)o.Value);

    public static Dictionary<string, HashSet<string>> Read(string assembly)
    {
        var graph = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        using var image = new PEReader(File.OpenRead(assembly));
        MetadataReader reader = image.GetMetadataReader();
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            int address = reader.GetMethodDefinition(handle).RelativeVirtualAddress;
            if (address == 0)
            {
                continue;
            }
            string name = NameOf(reader, handle);
            if (!graph.TryGetValue(name, out HashSet<string>? calls))
            {
                graph[name] = calls = new HashSet<string>(StringComparer.Ordinal);
            }
            calls.UnionWith(Calls(image.GetMethodBody(address).GetILBytes()!)
                .Select(token => NameOf(reader, (EntityHandle)MetadataTokens.Handle(token))));
        }
        return graph;
    }

    private static IEnumerable<int> Calls(byte[] il)
    {
        int at = 0;
        while (at < il.Length)
        {
            int code = il[at++];
            if (code == 0xFE) // the first byte of two-byte opcodes
            {
                code = (code << 8) | il[at++];
            }
            OperandType operand = s_opcodes[code].OperandType;
            if (operand == OperandType.InlineMethod)
            {
                yield return BitConverter.ToInt32(il, at);
            }
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }

    private static string NameOf(MetadataReader reader, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                MethodDefinition method = reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                return $"{TypeNames.Of(reader, method.GetDeclaringType())}::{reader.GetString(method.Name)}" +
                    $"{Parameters(method.DecodeSignature(TypeNames.Instance, null))}";
            case HandleKind.MemberReference:
                MemberReference member = reader.GetMemberReference((MemberReferenceHandle)handle);
                return $"{TypeNames.Of(reader, member.Parent)}::{reader.GetString(member.Name)}" +
                    $"{Parameters(member.DecodeMethodSignature(TypeNames.Instance, null))}";
            default:
                return NameOf(reader, reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
        }
    }

    private static string Parameters(MethodSignature<string> signature) =>
        $"({string.Join(",", signature.ParameterTypes)})";

    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public static readonly TypeNames Instance = new();

        public static string Of(MetadataReader reader, EntityHandle handle) => handle.Kind switch
        {
            HandleKind.TypeDefinition => Instance.GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
            HandleKind.TypeReference => Instance.GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
            HandleKind.TypeSpecification =>
            reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(Instance, null).Split('<')[0],
            _ => handle.Kind.ToString(),
        };

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            TypeDefinitionHandle outer = type.GetDeclaringType();
            string name = reader.GetString(type.Name);
            return outer.IsNil ? $"{reader.GetString(type.Namespace)}.{name}" : $"{Of(reader, outer)}/{name}";
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            string name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{Of(reader, type.ResolutionScope)}/{name}"
                : $"{reader.GetString(type.Namespace)}.{name}";
        }

        public string GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            Of(reader, handle);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetArrayType(string elementType, ArrayShape shape) =>
            $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => $"{elementType}&";

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType}<{string.Join(",", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "method*";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;
    }
}
