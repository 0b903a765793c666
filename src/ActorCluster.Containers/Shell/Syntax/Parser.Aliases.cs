namespace ActorCluster.Containers.Shell.Syntax;

/// <summary>Alias substitution (XCU 2.3.1): a command's name is replaced by text, which is then read as if it had been written there.</summary>
internal sealed partial class Parser
{
    private const int TextLimit = 4 << 20;

    private readonly IReadOnlyDictionary<string, string>? _aliases;
    private readonly List<(string Name, int End)> _expanded = [];

    /// <summary>Where an alias ended whose text ends in a blank: the word after it may be an alias, too.</summary>
    private int? _nextMayBeAlias;

    private void ExpandAliases()
    {
        while (ExpandAlias(atName: true))
        {
        }
    }

    /// <returns>Whether the next token was an alias; it is now the first of the alias's text.</returns>
    private bool ExpandAlias(bool atName)
    {
        if (_aliases is not { Count: > 0 } || Peek() is not { Kind: TokenKind.Word, Word.Plain: { } name } token) return false;
        var follows = _nextMayBeAlias is { } end && token.Start >= end;
        if (follows) _nextMayBeAlias = null;
        if ((!atName && !follows) || !_aliases.TryGetValue(name, out var value)) return false;
        // The name of an alias within its own text is left alone.
        if (_expanded.Exists(e => e.Name == name && token.Start < e.End)) return false;
        var grows = value.Length - (_position - token.Start);
        if (_text.Length + grows > TextLimit) throw Failure("syntax error: alias too long");
        _text = string.Concat(_text.AsSpan(0, token.Start), value, _text.AsSpan(_position));
        for (var i = 0; i < _expanded.Count; i++)
        {
            if (_expanded[i].End > token.Start) _expanded[i] = (_expanded[i].Name, _expanded[i].End + grows);
        }
        _expanded.Add((name, token.Start + value.Length));
        if (value is [.., ' ' or '\t']) _nextMayBeAlias = token.Start + value.Length;
        (_position, _peeked) = (token.Start, null);
        return true;
    }
}
