using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace ActorCluster.Benchmarks.Recording;

/// <summary>A method's signature as another assembly would write it: the same, with its own references to types (ECMA-335, II.23.2).</summary>
internal sealed class SignatureCopy(MetadataReader from, MetadataImport to)
{
    private const byte ClassType = 0x12;
    private const byte ValueType = 0x11;

    /// <returns>False if it names a type in a way that has no counterpart.</returns>
    public bool TryCopy(BlobHandle signature, BlobBuilder copy)
    {
        var reader = from.GetBlobReader(signature);
        return TryCopyMethod(ref reader, copy);
    }

    private bool TryCopyMethod(ref BlobReader reader, BlobBuilder copy)
    {
        var header = reader.ReadSignatureHeader();
        copy.WriteByte(header.RawValue);
        if (header.IsGeneric) CopyNumber(ref reader, copy);
        var parameters = CopyNumber(ref reader, copy);
        for (var at = 0; at <= parameters; at++) // the first is what it returns
            if (!TryCopyType(ref reader, copy)) return false;
        return true;
    }

    private bool TryCopyType(ref BlobReader reader, BlobBuilder copy)
    {
        var code = reader.ReadByte();
        copy.WriteByte(code);
        switch (code)
        {
            case ValueType or ClassType:
                return TryCopyName(ref reader, copy);
            case (byte)SignatureTypeCode.RequiredModifier or (byte)SignatureTypeCode.OptionalModifier:
                return TryCopyName(ref reader, copy) && TryCopyType(ref reader, copy);
            case (byte)SignatureTypeCode.Pointer or (byte)SignatureTypeCode.ByReference or (byte)SignatureTypeCode.SZArray or (byte)SignatureTypeCode.Pinned:
                return TryCopyType(ref reader, copy);
            case (byte)SignatureTypeCode.GenericTypeParameter or (byte)SignatureTypeCode.GenericMethodParameter:
                CopyNumber(ref reader, copy);
                return true;
            case (byte)SignatureTypeCode.GenericTypeInstance:
                copy.WriteByte(reader.ReadByte());
                if (!TryCopyName(ref reader, copy)) return false;
                for (var left = CopyNumber(ref reader, copy); left > 0; left--)
                    if (!TryCopyType(ref reader, copy)) return false;
                return true;
            case (byte)SignatureTypeCode.FunctionPointer:
                return TryCopyMethod(ref reader, copy);
            case (byte)SignatureTypeCode.Array:
                return false; // of several dimensions
            default:
                return true; // a primitive
        }
    }

    private bool TryCopyName(ref BlobReader reader, BlobBuilder copy)
    {
        var type = Translate(reader.ReadTypeHandle());
        if (type.IsNil) return false;
        copy.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(type));
        return true;
    }

    private EntityHandle Translate(EntityHandle type)
    {
        switch (type.Kind)
        {
            case HandleKind.TypeDefinition:
                return to.Reference(from, (TypeDefinitionHandle)type);
            case HandleKind.TypeReference:
                var reference = from.GetTypeReference((TypeReferenceHandle)type);
                var scope = reference.ResolutionScope.Kind == HandleKind.AssemblyReference
                    ? to.Assembly(from.GetString(from.GetAssemblyReference((AssemblyReferenceHandle)reference.ResolutionScope).Name))
                    : Translate(reference.ResolutionScope);
                return scope.IsNil ? default : to.Reference(scope, from.GetString(reference.Namespace), from.GetString(reference.Name));
            default:
                return default;
        }
    }

    private static int CopyNumber(ref BlobReader reader, BlobBuilder copy)
    {
        var number = reader.ReadCompressedInteger();
        copy.WriteCompressedInteger(number);
        return number;
    }
}
