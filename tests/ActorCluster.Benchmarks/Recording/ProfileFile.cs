using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace ActorCluster.Benchmarks.Recording;

/// <summary>
/// A profile as .NET's ahead-of-time compiler takes it (<c>--mibc</c>): an assembly whose code does nothing but name methods. <c>AssemblyDictionary</c> names a method for each group of
/// assemblies that the named methods are of, "A;B;", and that one names them. Format: dotnet/runtime, ILCompiler.ReadyToRun/IBC/MIbcProfileParser.cs.
/// </summary>
internal sealed class ProfileFile
{
    private readonly MetadataBuilder _metadata = new();
    private readonly MetadataImport _import;
    private readonly SortedDictionary<string, (string Group, EntityHandle Method)> _methods = new(StringComparer.Ordinal);

    public ProfileFile() => _import = new MetadataImport(_metadata);

    public void Add(UsedMethod method)
    {
        var key = _import.Describe(method);
        if (_methods.ContainsKey(key) || _import.Method(method) is not { IsNil: false } handle) return;
        _methods.Add(key, (string.Concat(_import.Assemblies(method).Select(assembly => assembly + ";")), handle));
    }

    /// <returns>How many methods it names.</returns>
    public int Write(string file)
    {
        var code = new BlobBuilder();
        var bodies = new MethodBodyStreamEncoder(code);
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature().Parameters(0, returned => returned.Void(), _ => { });
        var nothing = _metadata.GetOrAddBlob(signature);
        var groups = _methods.Values.GroupBy(method => method.Group, method => method.Method).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select((group, at) => (group.Key, Method: Define($"Assemblies_{at}", body => NameAll(body, group)))).ToList();
        Define("AssemblyDictionary", body =>
        {
            foreach (var (name, method) in groups)
            {
                body.LoadString(_metadata.GetOrAddUserString(name));
                NameAll(body, [method]);
            }
        });
        _metadata.AddTypeDefinition(default, default, _metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        _metadata.AddModule(0, _metadata.GetOrAddString(Path.GetFileName(file)), _metadata.GetOrAddGuid(Guid.Empty), default, default);
        _metadata.AddAssembly(_metadata.GetOrAddString(Path.GetFileNameWithoutExtension(file)), new Version(0, 0, 0, 0), default, default, default, AssemblyHashAlgorithm.None);
        var image = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(_metadata), code, deterministicIdProvider: _ => default).Serialize(image);
        File.WriteAllBytes(file, image.ToArray());
        return _methods.Count;

        EntityHandle Define(string name, Action<InstructionEncoder> write)
        {
            var body = new InstructionEncoder(new BlobBuilder());
            write(body);
            body.OpCode(ILOpCode.Ret);
            return _metadata.AddMethodDefinition(
                MethodAttributes.Public | MethodAttributes.Static, MethodImplAttributes.IL, _metadata.GetOrAddString(name), nothing, bodies.AddMethodBody(body), default);
        }
    }

    private static void NameAll(InstructionEncoder body, IEnumerable<EntityHandle> methods)
    {
        foreach (var method in methods)
        {
            body.OpCode(ILOpCode.Ldtoken);
            body.Token(method);
            body.OpCode(ILOpCode.Pop);
        }
    }
}
