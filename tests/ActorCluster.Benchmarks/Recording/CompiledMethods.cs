using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace ActorCluster.Benchmarks.Recording;

/// <summary>A type as a process knew it: where it is defined, and over what it is instantiated.</summary>
/// <param name="Assembly">The path of its assembly; null for an array, whose only argument is what it holds.</param>
internal sealed record UsedType(string? Assembly, TypeDefinitionHandle Definition, IReadOnlyList<UsedType> Arguments);

/// <summary>A method that was compiled, of a type or with arguments of its own.</summary>
internal sealed record UsedMethod(UsedType Owner, MethodDefinitionHandle Definition, IReadOnlyList<UsedType> Arguments);

/// <summary>Reads from a process's trace which methods it compiled for the first time and which of them are generic: those that an image might have held.</summary>
internal sealed class CompiledMethods
{
    private readonly Dictionary<ulong, string> _assemblies = [];
    private readonly Dictionary<ulong, (ulong Module, int Token, TypeFlags Flags, ulong[] Arguments)> _types = [];
    private readonly Dictionary<ulong, (ulong Owner, int Token, ulong[] Arguments)> _methods = [];
    private readonly HashSet<ulong> _compiled = [];

    /// <param name="trace">May end amid an event, as that of a process that was killed.</param>
    public static IReadOnlyList<UsedMethod> Read(string trace)
    {
        var seen = new CompiledMethods();
        using var source = new EventPipeEventSource(trace);
        source.Clr.LoaderModuleLoad += module => seen._assemblies[(ulong)module.ModuleID] = module.ModuleILPath;
        source.Clr.TypeBulkType += seen.OnTypes;
        source.Clr.MethodMethodDetails += seen.OnDetails;
        source.Clr.MethodLoadVerbose += method =>
        {
            if (method.IsJitted && method.OptimizationTier == OptimizationTier.QuickJitted) seen._compiled.Add((ulong)method.MethodID);
        };
        try
        {
            source.Process();
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException)
        {
            Console.Error.WriteLine($"{Path.GetFileName(trace)} ends early: {e.Message}");
        }

        return [.. seen._compiled.Select(seen.Find).OfType<UsedMethod>()];
    }

    private void OnTypes(GCBulkTypeTraceData types)
    {
        for (var at = 0; at < types.Count; at++)
        {
            var type = types.Values(at);
            _types[type.TypeID] = (type.ModuleID, type.TypeNameID, type.Flags, [.. Enumerable.Range(0, type.TypeParameterCount).Select(type.TypeParameterID)]);
        }
    }

    private void OnDetails(MethodDetailsTraceData method) =>
        _methods[(ulong)method.MethodID] = ((ulong)method.TypeID, method.MethodToken, [.. Enumerable.Range(0, method.TypeParameterCount).Select(at => (ulong)method.TypeParameters(at))]);

    /// <returns>Null if it isn't generic, or is one that the process made at run time.</returns>
    private UsedMethod? Find(ulong id)
    {
        if (!_methods.TryGetValue(id, out var method) || Type(method.Owner) is not { Assembly: not null } owner) return null;
        var arguments = Types(method.Arguments);
        return arguments is null || owner.Arguments.Count + arguments.Count == 0
            ? null
            : new UsedMethod(owner, MetadataTokens.MethodDefinitionHandle(method.Token & 0xFFFFFF), arguments);
    }

    private UsedType? Type(ulong id)
    {
        if (!_types.TryGetValue(id, out var type) || Types(type.Arguments) is not { } arguments) return null;
        if (type.Flags.HasFlag(TypeFlags.Array)) return arguments.Count == 1 ? new UsedType(null, default, arguments) : null;
        return _assemblies.TryGetValue(type.Module, out var assembly) && File.Exists(assembly)
            ? new UsedType(assembly, MetadataTokens.TypeDefinitionHandle(type.Token & 0xFFFFFF), arguments)
            : null;
    }

    private List<UsedType>? Types(ulong[] ids)
    {
        var types = ids.Select(Type).OfType<UsedType>().ToList();
        return types.Count == ids.Length ? types : null;
    }
}
