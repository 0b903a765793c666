using System.Collections.Immutable;

namespace ActorCluster.Containers.Shell.Syntax;

/// <summary>A command, as POSIX's Shell Command Language (XCU 2.9) has them. Immutable: functions and subshells share it.</summary>
internal abstract record Node;

internal sealed record SimpleCommand(
    int Line, ImmutableArray<Assignment> Assignments, ImmutableArray<Word> Words, ImmutableArray<Redirection> Redirections) : Node;

internal sealed record Assignment(string Name, Word Value);

internal sealed record Pipeline(ImmutableArray<Node> Commands, bool Negated) : Node;

/// <summary>Pipelines joined by &amp;&amp; and ||, of equal precedence, from left to right.</summary>
internal sealed record AndOrList(Node First, ImmutableArray<(bool And, Node Command)> Rest) : Node;

internal sealed record Sequence(ImmutableArray<SequenceItem> Items) : Node;

/// <param name="Text">The source, for the list of jobs.</param>
internal sealed record SequenceItem(Node Command, bool Background, string Text);

internal sealed record Subshell(Node Body) : Node;

internal sealed record Group(Node Body) : Node;

internal sealed record IfCommand(ImmutableArray<(Node Condition, Node Body)> Branches, Node? Else) : Node;

internal sealed record ForCommand(string Variable, ImmutableArray<Word>? Words, Node Body) : Node;

internal sealed record LoopCommand(Node Condition, Node Body, bool Until) : Node;

internal sealed record CaseCommand(Word Subject, ImmutableArray<CaseBranch> Branches) : Node;

internal sealed record CaseBranch(ImmutableArray<Word> Patterns, Node? Body, bool FallThrough);

internal sealed record FunctionDefinition(string Name, Node Body) : Node;

/// <summary>[[ ... ]]: words are neither split nor globbed, operators among them are plain words.</summary>
internal sealed record ConditionalCommand(ImmutableArray<Word> Words) : Node;

internal sealed record Redirected(Node Command, ImmutableArray<Redirection> Redirections) : Node;

internal enum RedirectionKind
{
    Input,
    Output,
    Clobber,
    Append,
    ReadWrite,
    DuplicateInput,
    DuplicateOutput,
    HereDocument,

    /// <summary>&amp;&gt; and &gt;&amp; with a file name: output and errors.</summary>
    OutputAndErrors,
    AppendOutputAndErrors,
    HereString,
}

internal sealed record Redirection(int Descriptor, RedirectionKind Kind, Word Target)
{
    /// <summary>The here-document's text; known only after the line that asks for it.</summary>
    public Word? Body { get; set; }
}

internal sealed record Word(ImmutableArray<WordPart> Parts)
{
    public static readonly Word Empty = new([]);

    /// <summary>The text if the word is one unquoted literal: what a reserved word or a name must be.</summary>
    public string? Plain => Parts is [Literal { Quoted: false } only] ? only.Text : null;
}

internal abstract record WordPart;

internal sealed record Literal(string Text, bool Quoted) : WordPart;

internal sealed record DoubleQuoted(ImmutableArray<WordPart> Parts) : WordPart;

/// <param name="InAssignment">After the '=' or a ':' of what may be an assignment: expanded only there.</param>
internal sealed record Tilde(string User, bool InAssignment) : WordPart;

internal sealed record CommandSubstitution(Node? Body) : WordPart;

internal sealed record ArithmeticExpansion(Word Expression) : WordPart;

internal enum ParameterOperator
{
    None,

    /// <summary>None that is known: an error when it is expanded.</summary>
    Bad,
    Length,
    Default,
    AssignDefault,
    Error,
    Alternative,
    RemoveShortestPrefix,
    RemoveLongestPrefix,
    RemoveShortestSuffix,
    RemoveLongestSuffix,
    ReplaceFirst,
    ReplaceAll,
    Substring,
}

/// <param name="OrNull">Written with a colon: an empty value counts as unset.</param>
internal sealed record ParameterExpansion(string Name, ParameterOperator Operator, bool OrNull, Word? Argument, Word? Second) : WordPart;
