using System.Collections.Immutable;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>One directive of a configuration file: a name, its arguments, and for a block the directives in it.</summary>
/// <param name="Block">Null for a simple directive, which ends with ';'.</param>
internal sealed record NginxDirective(string Name, ImmutableArray<string> Arguments, ImmutableArray<NginxDirective>? Block, string File, int Line)
{
    public NginxConfigException Fault(string message) => new($"{message} in {File}:{Line}");
}

/// <summary>What nginx prints after "[emerg]" before it ends with exit code 1.</summary>
internal sealed class NginxConfigException(string message) : Exception(message);
