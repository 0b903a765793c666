using System.Text.RegularExpressions;

namespace ActorCluster.Containers.Tools.Sed;

internal enum AddressKind
{
    Line,
    Last,
    Pattern,

    /// <summary>first~step.</summary>
    Step,

    /// <summary>addr,+N.</summary>
    Offset,

    /// <summary>addr,~N: up to the next multiple.</summary>
    Multiple,
}

/// <param name="Pattern">Null in a Pattern address: the expression used last.</param>
internal sealed record Address(AddressKind Kind, long Number = 0, long Step = 0, Regex? Pattern = null);

internal sealed class SedCommand
{
    public required char Name { get; init; }
    public Address? From { get; init; }
    public Address? To { get; init; }
    public bool Negated { get; init; }

    /// <summary>Text of a, i and c; label; file name; tr's first set.</summary>
    public string Text { get; set; } = "";

    public Regex? Pattern { get; set; }
    public IReadOnlyList<ReplacementPart> Replacement { get; set; } = [];
    public bool Global { get; set; }
    public bool Print { get; set; }
    public bool Evaluate { get; set; }
    public int Occurrence { get; set; } = 1;
    public string? WriteTo { get; set; }
    public char[]? Map { get; set; }
    public int ExitCode { get; set; }

    /// <summary>Where '{' goes when it isn't taken, and b, t and T when they are.</summary>
    public int Target { get; set; } = -1;

    // The state of a range: whether it is open, and until which line if that is known.
    public bool InRange { get; set; }
    public long RangeEnd { get; set; }
}

/// <param name="Group">-1: literal text.</param>
/// <param name="Case">'U', 'L', 'u', 'l' or 'E' where case conversion changes; '\0' elsewhere.</param>
internal readonly record struct ReplacementPart(string Text, int Group, char Case = '\0');
