using System.Collections.Immutable;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>One directive of a server block with what follows it on its line, and the lines of its own block.</summary>
internal sealed record CorefileDirective(string File, int Line, string Name, ImmutableArray<string> Arguments, ImmutableArray<CorefileLine> Options)
{
    /// <summary>What CoreDNS says of a plugin's setting without its place.</summary>
    public CorefileException Fault(string text) => new($"plugin/{Name}: {text}");

    /// <summary>The same with its place.</summary>
    public CorefileException FaultAt(int line, string text) => Fault($"{File}:{line} - Error during parsing: {text}");

    public CorefileException WrongArguments() => WrongArguments(new(Line, [Name, .. Arguments]));

    public CorefileException WrongArguments(CorefileLine line) => FaultAt(line.Number, $"Wrong argument count or unexpected line ending after '{line.Words[^1]}'");

    public CorefileException UnknownProperty(CorefileLine line) => FaultAt(line.Number, $"unknown property '{line.Words[0]}'");

    public CorefileException NotEmulated(string what) => Fault($"{what} is not emulated");
}

/// <summary>A line inside a directive's block.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Words">At least one.</param>
internal sealed record CorefileLine(int Number, ImmutableArray<string> Words)
{
    public ImmutableArray<string> Arguments => Words[1..];
}

/// <summary>A server block: the zones and ports that it is for, as they are written, and its directives.</summary>
internal sealed record CorefileBlock(ImmutableArray<string> Keys, ImmutableArray<CorefileDirective> Directives);

/// <summary>What is wrong with a Corefile, and where, as CoreDNS words it.</summary>
internal sealed class CorefileException(string message) : FormatException(message);
