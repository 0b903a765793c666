using System.Globalization;
using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Execution;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>read [-r] [-p prompt] [-t seconds] [-n characters] [-d delimiter] [-u fd] [-s] name...</summary>
internal static class ReadBuiltin
{
    private const int LineLimit = 1 << 20;

    public static async ValueTask<int> RunAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var raw = false;
        string? prompt = null;
        TimeSpan? timeout = null;
        var limit = int.MaxValue;
        var delimiter = (byte)'\n';
        var descriptor = 0;
        var i = 1;
        for (; i < words.Count && words[i] is ['-', not '-', ..] option; i++)
        {
            for (var at = 1; at < option.Length; at++)
            {
                var letter = option[at];
                if (letter is 'r' or 's' or not ('p' or 't' or 'n' or 'd' or 'u'))
                {
                    if (letter is not ('r' or 's')) throw new ShellFaultException($"illegal option -{letter}", 2);
                    raw |= letter == 'r';
                    continue;
                }
                var value = at + 1 < option.Length ? option[(at + 1)..] : i + 1 < words.Count ? words[++i] : throw new ShellFaultException($"option requires an argument -- '{letter}'", 2);
                switch (letter)
                {
                    case 'p': prompt = value; break;
                    case 't' when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e9: timeout = TimeSpan.FromSeconds(seconds); break;
                    case 't': throw new ShellFaultException("invalid timeout", 2);
                    case 'n' when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out limit): break;
                    case 'n': throw new ShellFaultException("invalid count", 2);
                    case 'd': delimiter = value.Length > 0 ? (byte)value[0] : (byte)0; break;
                    case 'u' when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out descriptor): break;
                    case 'u': throw new ShellFaultException("invalid file descriptor", 2);
                    default: throw new ShellFaultException($"illegal option -{letter}", 2);
                }
                break;
            }
        }
        if (i < words.Count && words[i] == "--") i++;
        var names = words.Skip(i).ToArray();
        foreach (var name in names)
        {
            if (Parser.IsName(name)) continue;
            await shell.WriteErrorAsync($"{shell.State.Name}: read: '{name}': bad variable name\n");
            return 1;
        }
        if (prompt is not null && shell.Files.Input(descriptor) is ITerminalStream) await shell.WriteErrorAsync(prompt);
        var (line, escaped, ended) = await ReadLineAsync(shell, descriptor, raw, delimiter, limit, timeout);
        Assign(shell.State, names, line, escaped);
        return ended;
    }

    private static async ValueTask<(string Line, HashSet<int> Escaped, int Status)> ReadLineAsync(
        Interpreter shell, int descriptor, bool raw, byte delimiter, int limit, TimeSpan? timeout)
    {
        using var timer = timeout is { } t ? new CancellationTokenSource(t, shell.Context.Clock) : null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(shell.Context.Killed, timer?.Token ?? CancellationToken.None);
        var input = shell.Files.Input(descriptor);
        var bytes = new List<byte>();
        var escaped = new HashSet<int>();
        var one = new byte[1];
        var status = 0;
        var backslash = false;
        while (bytes.Count < limit)
        {
            int count;
            try
            {
                count = await input.ReadAsync(one, either.Token);
            }
            catch (OperationCanceledException) when (timer is { IsCancellationRequested: true } && !shell.Context.Killed.IsCancellationRequested)
            {
                status = 1;
                break;
            }
            catch (OperationCanceledException) when (!shell.Context.Killed.IsCancellationRequested)
            {
                throw new OperationCanceledException(shell.Context.Killed);
            }
            if (count == 0)
            {
                status = 1;
                break;
            }
            if (backslash)
            {
                backslash = false;
                if (one[0] == '\n') continue;
                escaped.Add(bytes.Count);
                bytes.Add(one[0]);
                continue;
            }
            if (one[0] == delimiter) break;
            if (one[0] == '\\' && !raw) backslash = true;
            else if (one[0] != 0) bytes.Add(one[0]);
            if (bytes.Count > LineLimit) throw new ShellFaultException("out of memory", 2);
        }
        return (Encoding.Latin1.GetString([.. bytes]), escaped, status);
    }

    /// <summary>Splits by IFS; the last name gets all the rest, less the blanks at its end.</summary>
    private static void Assign(ShellState state, string[] names, string line, HashSet<int> escaped)
    {
        if (names.Length == 0)
        {
            state.Set("REPLY", ByteText.ToText(line));
            return;
        }
        var separators = state.Separators;
        bool Separates(int at) => separators.Contains(line[at], StringComparison.Ordinal) && !escaped.Contains(at);
        bool IsBlank(int at) => Separates(at) && line[at] is ' ' or '\t' or '\n' && !escaped.Contains(at);

        var at = 0;
        while (at < line.Length && IsBlank(at)) at++;
        for (var n = 0; n < names.Length; n++)
        {
            var start = at;
            if (n == names.Length - 1)
            {
                var end = line.Length;
                while (end > start && IsBlank(end - 1)) end--;
                // One trailing separator that is no blank goes, too, if it is the only one.
                if (end > start && Separates(end - 1) && !IsBlank(end - 1) && !Enumerable.Range(start, end - 1 - start).Any(Separates)) end--;
                state.Set(names[n], ByteText.ToText(line[start..end]));
                break;
            }
            while (at < line.Length && !Separates(at)) at++;
            state.Set(names[n], ByteText.ToText(line[start..at]));
            while (at < line.Length && IsBlank(at)) at++;
            if (at < line.Length && Separates(at)) at++;
            while (at < line.Length && IsBlank(at)) at++;
        }
    }
}
