using System.Text;

namespace ActorCluster.Containers.Shell.Expansion;

/// <param name="Quoted">Not special in patterns, not removed when empty.</param>
/// <param name="Splits">The result of an unquoted expansion: subject to field splitting.</param>
/// <param name="Break">No text, but the end of a field: between the parameters of "$@".</param>
internal readonly record struct Piece(string Text, bool Quoted, bool Splits = false, bool Break = false);

/// <summary>A word after splitting: its text, and the same as a pattern, in which what was quoted is escaped.</summary>
internal readonly record struct Field(string Text, string Pattern, bool MayGlob);

/// <summary>Field splitting (XCU 2.6.5).</summary>
internal static class Fields
{
    public static List<Field> Split(List<Piece> pieces, string separators)
    {
        var fields = new List<Field>();
        var text = new StringBuilder();
        var pattern = new StringBuilder();
        bool any = false, mayGlob = false;

        void End(bool evenEmpty)
        {
            if (any || evenEmpty) fields.Add(new(text.ToString(), pattern.ToString(), mayGlob));
            text.Clear();
            pattern.Clear();
            any = mayGlob = false;
        }

        // A separator that is no blank ends a field even when it is empty; blanks around it belong to it.
        var blankBefore = false;
        foreach (var piece in pieces)
        {
            if (piece.Break)
            {
                End(evenEmpty: false);
                continue;
            }
            if (!piece.Splits || separators.Length == 0)
            {
                if (piece.Quoted || piece.Text.Length > 0)
                {
                    any = true;
                    blankBefore = false;
                }
                text.Append(piece.Text);
                pattern.Append(piece.Quoted ? ShellPattern.Escape(piece.Text) : piece.Text);
                mayGlob |= !piece.Quoted && piece.Text.AsSpan().IndexOfAny('*', '?', '[') >= 0;
                continue;
            }
            foreach (var c in piece.Text)
            {
                if (!separators.Contains(c, StringComparison.Ordinal))
                {
                    text.Append(c);
                    pattern.Append(c);
                    any = true;
                    blankBefore = false;
                    mayGlob |= c is '*' or '?' or '[';
                }
                else if (c is ' ' or '\t' or '\n')
                {
                    if (any) blankBefore = true;
                    End(evenEmpty: false);
                }
                else
                {
                    if (!blankBefore || any) End(evenEmpty: true);
                    blankBefore = false;
                }
            }
        }
        End(evenEmpty: false);
        return fields;
    }

    /// <summary>All pieces as one text, where no splitting takes place.</summary>
    /// <param name="separator">What breaks become.</param>
    public static string Join(List<Piece> pieces, string separator)
    {
        if (pieces is [{ Break: false } only]) return only.Text;
        var text = new StringBuilder();
        foreach (var piece in pieces) text.Append(piece.Break ? separator : piece.Text);
        return text.ToString();
    }

    /// <summary>The same as a pattern.</summary>
    public static string Pattern(List<Piece> pieces)
    {
        var text = new StringBuilder();
        foreach (var piece in pieces) text.Append(piece.Break ? " " : piece.Quoted ? ShellPattern.Escape(piece.Text) : piece.Text);
        return text.ToString();
    }
}
