using System.Globalization;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Shell.Builtins;

internal sealed class TestSyntaxException(string message) : Exception(message);

/// <summary>test and [ (POSIX): what an expression means depends on how many operands there are.</summary>
internal sealed class Test
{
    private const int DepthLimit = 200;

    private static readonly HashSet<string> Binary = new(StringComparer.Ordinal)
    {
        "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef",
    };

    private readonly IReadOnlyList<string> _words;
    private readonly IFileSystem _files;
    private readonly string _workingDirectory;
    private readonly Func<int, bool> _isTerminal;
    private int _at;
    private int _depth;

    private Test(IReadOnlyList<string> words, IFileSystem files, string workingDirectory, Func<int, bool> isTerminal) =>
        (_words, _files, _workingDirectory, _isTerminal) = (words, files, workingDirectory, isTerminal);

    /// <param name="words">With the command's name.</param>
    /// <exception cref="TestSyntaxException">Status 2.</exception>
    public static bool Evaluate(IReadOnlyList<string> words, IFileSystem files, string workingDirectory, Func<int, bool> isTerminal)
    {
        var operands = words.Skip(1).ToList();
        if (words[0].EndsWith('['))
        {
            if (operands.Count == 0 || operands[^1] != "]") throw new TestSyntaxException("missing ]");
            operands.RemoveAt(operands.Count - 1);
        }
        return new Test(operands, files, workingDirectory, isTerminal).Whole();
    }

    /// <summary>One primary on its own: what [[ shares with test.</summary>
    public static bool EvaluateUnary(string op, string operand, IFileSystem files, string workingDirectory, Func<int, bool> isTerminal) =>
        new Test([], files, workingDirectory, isTerminal).Unary(op, operand);

    public static bool EvaluateBinary(string left, string op, string right, IFileSystem files, string workingDirectory) =>
        new Test([], files, workingDirectory, _ => false).Compare(left, op, right);

    public static bool IsUnary(string op) => op is ['-', _] && "bcdefghknprstuwxzLOGSN".Contains(op[1], StringComparison.Ordinal);

    public static bool IsBinary(string op) => Binary.Contains(op);

    private bool Whole()
    {
        switch (_words.Count)
        {
            case 0: return false;
            case 1: return _words[0].Length > 0;
            case 2 when _words[0] == "!": return _words[1].Length == 0;
            case 3 when Binary.Contains(_words[1]): return Compare(_words[0], _words[1], _words[2]);
            case 4 when _words[0] == "!" && Binary.Contains(_words[2]): return !Compare(_words[1], _words[2], _words[3]);
        }
        var value = Or();
        if (_at < _words.Count) throw new TestSyntaxException($"{_words[_at]}: unknown operand");
        return value;
    }

    private bool Or()
    {
        var value = And();
        while (_at < _words.Count && _words[_at] == "-o")
        {
            _at++;
            var right = And();
            value |= right;
        }
        return value;
    }

    private bool And()
    {
        var value = Not();
        while (_at < _words.Count && _words[_at] == "-a")
        {
            _at++;
            var right = Not();
            value &= right;
        }
        return value;
    }

    private bool Not()
    {
        if (++_depth > DepthLimit) throw new TestSyntaxException("too many nested expressions");
        try
        {
            if (_at < _words.Count && _words[_at] == "!")
            {
                _at++;
                return !Not();
            }
            return Primary();
        }
        finally
        {
            _depth--;
        }
    }

    private bool Primary()
    {
        if (_at >= _words.Count) throw new TestSyntaxException("argument expected");
        if (_at + 1 < _words.Count && Binary.Contains(_words[_at + 1]))
        {
            var op = _words[_at + 1];
            if (_at + 2 >= _words.Count) throw new TestSyntaxException($"{op}: argument expected");
            _at += 3;
            return Compare(_words[_at - 3], op, _words[_at - 1]);
        }
        if (_words[_at] == "(")
        {
            _at++;
            var value = Or();
            if (_at >= _words.Count || _words[_at] != ")") throw new TestSyntaxException("closing paren expected");
            _at++;
            return value;
        }
        if (IsUnary(_words[_at]) && _at + 1 < _words.Count)
        {
            _at += 2;
            return Unary(_words[_at - 2], _words[_at - 1]);
        }
        return _words[_at++].Length > 0;
    }

    private bool Unary(string op, string operand)
    {
        switch (op[1])
        {
            case 'z': return operand.Length == 0;
            case 'n': return operand.Length > 0;
            case 't': return _isTerminal((int)Number(operand));
        }
        if (Stat(operand, follow: op[1] is not ('L' or 'h')) is not { } status) return false;
        return op[1] switch
        {
            'e' or 'O' or 'G' => true,
            'f' => status.Kind == FileKind.Regular,
            'd' => status.Kind == FileKind.Directory,
            'h' or 'L' => status.Kind == FileKind.SymbolicLink,
            'c' => status.Kind == FileKind.Device,
            's' => status.Length > 0,
            'r' => May(operand, Caller.Read),
            'w' => May(operand, Caller.Write),
            'x' => May(operand, Caller.Execute),
            'u' => (status.Permissions & 0b100_000_000_000) != 0,
            'g' => (status.Permissions & 0b010_000_000_000) != 0,
            'k' => (status.Permissions & 0b001_000_000_000) != 0,
            _ => false,
        };
    }

    private bool Compare(string left, string op, string right) => op switch
    {
        "=" or "==" => left == right,
        "!=" => left != right,
        "<" => string.CompareOrdinal(left, right) < 0,
        ">" => string.CompareOrdinal(left, right) > 0,
        "-eq" => Number(left) == Number(right),
        "-ne" => Number(left) != Number(right),
        "-lt" => Number(left) < Number(right),
        "-le" => Number(left) <= Number(right),
        "-gt" => Number(left) > Number(right),
        "-ge" => Number(left) >= Number(right),
        "-nt" => Stat(left, true) is { } l && (Stat(right, true) is not { } r || l.Modified > r.Modified),
        "-ot" => Stat(right, true) is { } r2 && (Stat(left, true) is not { } l2 || l2.Modified < r2.Modified),
        _ => Stat(left, true) is not null && _files is ProcessFiles files && files.Canonical(Path(left), true) == files.Canonical(Path(right), false),
    };

    private bool May(string path, int bits) => _files is not ProcessFiles files || files.May(Path(path), bits);

    private FileStatus? Stat(string path, bool follow)
    {
        try
        {
            return _files.Stat(Path(path), follow);
        }
        catch (FileFaultException)
        {
            return null;
        }
    }

    private string Path(string path) => path.Length == 0 || path.StartsWith('/') ? path : _workingDirectory.TrimEnd('/') + "/" + path;

    private static long Number(string text) =>
        long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw new TestSyntaxException(text.Length > 0 ? $"{text}: bad number" : "bad number");
}
