using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace ActorCluster.Benchmarks.Recording;

/// <summary>References, in an assembly that is being made, to other assemblies' types and methods (ECMA-335, II.22 and II.23.2).</summary>
internal sealed class MetadataImport(MetadataBuilder metadata)
{
    private const string Core = "System.Private.CoreLib";

    private readonly Dictionary<string, MetadataReader> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AssemblyReferenceHandle> _assemblies = new(StringComparer.Ordinal);
    private readonly Dictionary<(EntityHandle Scope, string Namespace, string Name), TypeReferenceHandle> _types = [];

    /// <summary>A name for it that is the same in each process and on each machine.</summary>
    public string Describe(UsedMethod method) =>
        $"{Describe(method.Owner)}::{MetadataTokens.GetRowNumber(method.Definition):x6}<{string.Join(',', method.Arguments.Select(Describe))}>";

    /// <summary>The assemblies that it is of: first the one that defines it, then those of what it is instantiated over.</summary>
    public IReadOnlyList<string> Assemblies(UsedMethod method)
    {
        var names = new List<string>();
        foreach (var type in method.Arguments.Prepend(method.Owner)) Collect(type);
        return names;

        void Collect(UsedType type)
        {
            if (type.Assembly is { } assembly && NameOf(Reader(assembly)) is var name && !names.Contains(name)) names.Add(name);
            foreach (var argument in type.Arguments) Collect(argument);
        }
    }

    /// <returns>Nil if its signature can't be said in a reference's words.</returns>
    public EntityHandle Method(UsedMethod method)
    {
        var reader = Reader(method.Owner.Assembly!);
        var definition = reader.GetMethodDefinition(method.Definition);
        var signature = new BlobBuilder();
        if (!new SignatureCopy(reader, this).TryCopy(definition.Signature, signature)) return default;
        EntityHandle owner = method.Owner.Arguments.Count > 0 ? metadata.AddTypeSpecification(metadata.GetOrAddBlob(Encode(method.Owner))) : Reference(reader, method.Owner.Definition);
        EntityHandle member = metadata.AddMemberReference(owner, metadata.GetOrAddString(reader.GetString(definition.Name)), metadata.GetOrAddBlob(signature));
        if (method.Arguments.Count == 0) return member;
        var instantiation = new BlobBuilder();
        instantiation.WriteByte((byte)SignatureKind.MethodSpecification);
        instantiation.WriteCompressedInteger(method.Arguments.Count);
        foreach (var argument in method.Arguments) instantiation.WriteBytes(Encode(argument));
        return metadata.AddMethodSpecification(member, metadata.GetOrAddBlob(instantiation));
    }

    public TypeReferenceHandle Reference(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var (space, name) = (reader.GetString(type.Namespace), reader.GetString(type.Name));
        // What stands for all reference types is looked for in an assembly that there isn't.
        EntityHandle scope = !type.GetDeclaringType().IsNil ? Reference(reader, type.GetDeclaringType()) : Assembly(name == "__Canon" ? "System.Private.Canon" : NameOf(reader));
        return Reference(scope, space, name);
    }

    public TypeReferenceHandle Reference(EntityHandle scope, string space, string name)
    {
        if (!_types.TryGetValue((scope, space, name), out var handle))
            _types[(scope, space, name)] = handle = metadata.AddTypeReference(scope, metadata.GetOrAddString(space), metadata.GetOrAddString(name));
        return handle;
    }

    public AssemblyReferenceHandle Assembly(string name)
    {
        if (!_assemblies.TryGetValue(name, out var handle))
            _assemblies[name] = handle = metadata.AddAssemblyReference(metadata.GetOrAddString(name), new Version(0, 0, 0, 0), default, default, default, default);
        return handle;
    }

    private byte[] Encode(UsedType type)
    {
        var signature = new BlobBuilder();
        if (type.Assembly is null)
        {
            signature.WriteByte((byte)SignatureTypeCode.SZArray);
            signature.WriteBytes(Encode(type.Arguments[0]));
            return signature.ToArray();
        }

        var reader = Reader(type.Assembly);
        if (NameOf(reader) == Core && PrimitiveOf(reader, type.Definition) is { } primitive) return [(byte)primitive];
        if (type.Arguments.Count > 0) signature.WriteByte((byte)SignatureTypeCode.GenericTypeInstance);
        signature.WriteByte((byte)(IsValueType(reader, type.Definition) ? SignatureTypeKind.ValueType : SignatureTypeKind.Class));
        signature.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(Reference(reader, type.Definition)));
        if (type.Arguments.Count > 0) signature.WriteCompressedInteger(type.Arguments.Count);
        foreach (var argument in type.Arguments) signature.WriteBytes(Encode(argument));
        return signature.ToArray();
    }

    private static SignatureTypeCode? PrimitiveOf(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        if (!reader.StringComparer.Equals(type.Namespace, "System") || !type.GetDeclaringType().IsNil) return null;
        return Enum.TryParse<PrimitiveTypeCode>(reader.GetString(type.Name), out var code) ? (SignatureTypeCode)code : null;
    }

    private static bool IsValueType(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var parent = type.BaseType.Kind switch
        {
            HandleKind.TypeReference when !type.BaseType.IsNil => reader.GetTypeReference((TypeReferenceHandle)type.BaseType).Name,
            HandleKind.TypeDefinition when !type.BaseType.IsNil => reader.GetTypeDefinition((TypeDefinitionHandle)type.BaseType).Name,
            _ => default,
        };
        return !parent.IsNil && (reader.StringComparer.Equals(parent, "ValueType") || reader.StringComparer.Equals(parent, "Enum")) && !reader.StringComparer.Equals(type.Name, "Enum");
    }

    private string Describe(UsedType type)
    {
        var arguments = type.Arguments.Count > 0 ? $"<{string.Join(',', type.Arguments.Select(Describe))}>" : "";
        if (type.Assembly is null) return arguments + "[]";
        var reader = Reader(type.Assembly);
        return $"{NameOf(reader)}:{MetadataTokens.GetRowNumber(type.Definition):x6}{arguments}";
    }

    private static string NameOf(MetadataReader reader) => reader.GetString(reader.GetAssemblyDefinition().Name);

    private MetadataReader Reader(string assembly)
    {
        if (!_readers.TryGetValue(assembly, out var reader))
            _readers[assembly] = reader = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(File.ReadAllBytes(assembly))).GetMetadataReader();
        return reader;
    }
}
