using System.Text;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>Words, ';', '{' and '}' of a configuration file. Quotes group, a backslash escapes, '#' starts a comment.</summary>
internal sealed class NginxLexer(string text, string file)
{
    private int _position;

    public int Line { get; private set; } = 1;

    /// <returns>Null at the end of the file.</returns>
    public NginxToken? Next()
    {
        SkipBlanks();
        if (_position >= text.Length) return null;
        switch (text[_position])
        {
            case ';' or '{' or '}':
                return new NginxToken(text[_position++].ToString(), IsWord: false);
            case '"' or '\'':
                return new NginxToken(Quoted(text[_position++]), IsWord: true);
            default:
                return new NginxToken(Bare(), IsWord: true);
        }
    }

    private void SkipBlanks()
    {
        for (; _position < text.Length; _position++)
        {
            if (text[_position] == '\n') Line++;
            else if (text[_position] == '#')
            {
                while (_position + 1 < text.Length && text[_position + 1] != '\n') _position++;
            }
            else if (!char.IsWhiteSpace(text[_position])) return;
        }
    }

    private string Quoted(char quote)
    {
        var start = Line;
        var word = new StringBuilder();
        for (; _position < text.Length; _position++)
        {
            var c = text[_position];
            if (c == '\n') Line++;
            if (c == quote)
            {
                _position++;
                return word.ToString();
            }
            if (c == '\\' && _position + 1 < text.Length) AppendEscaped(word);
            else word.Append(c);
        }
        throw new NginxConfigException($"unexpected end of file, expecting \"{quote}\" or more in {file}:{start}");
    }

    private string Bare()
    {
        var word = new StringBuilder();
        for (; _position < text.Length; _position++)
        {
            var c = text[_position];
            if (c == '\\' && _position + 1 < text.Length)
            {
                AppendEscaped(word);
                continue;
            }
            // "${name}" belongs to its word.
            if (c == '{' && word.Length > 0 && word[^1] == '$')
            {
                while (_position < text.Length && text[_position] != '}') word.Append(text[_position++]);
                if (_position < text.Length) word.Append('}');
                continue;
            }
            if (char.IsWhiteSpace(c) || c is ';' or '{') break;
            word.Append(c);
        }
        return word.ToString();
    }

    private void AppendEscaped(StringBuilder word)
    {
        var c = text[++_position];
        switch (c)
        {
            case '"' or '\'' or '\\': word.Append(c); break;
            case 't': word.Append('\t'); break;
            case 'r': word.Append('\r'); break;
            case 'n': word.Append('\n'); break;
            // Anything else is for a regular expression to interpret.
            default: word.Append('\\').Append(c); break;
        }
    }
}

/// <param name="IsWord">False for ';', '{' and '}' as punctuation.</param>
internal readonly record struct NginxToken(string Text, bool IsWord);
