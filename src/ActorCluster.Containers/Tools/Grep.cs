using System.Globalization;
using System.Text.RegularExpressions;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Shell;
using ActorCluster.Containers.Shell.Expansion;

namespace ActorCluster.Containers.Tools;

/// <summary>grep, egrep and fgrep.</summary>
internal static class Grep
{
    private const string Usage = "[-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n\nSearch for PATTERN in FILEs (or stdin)\n\n\t-H\tAdd 'filename:' prefix\n\t-h\tDo not add 'filename:' prefix\n\t-n\tAdd 'line_no:' prefix\n\t-l\tShow only names of files that match\n\t-L\tShow only names of files that don't match\n\t-c\tShow only count of matching lines\n\t-o\tShow only the matching part of line\n\t-q\tQuiet. Return 0 if PATTERN is found, 1 otherwise\n\t-v\tSelect non-matching lines\n\t-s\tSuppress open and read errors\n\t-r\tRecurse\n\t-i\tIgnore case\n\t-w\tMatch whole words only\n\t-x\tMatch whole lines only\n\t-F\tPATTERN is a literal (not regexp)\n\t-E\tPATTERN is an extended regexp\n\t-m N\tMatch up to N times per file\n\t-A N\tPrint N lines of trailing context\n\t-B N\tPrint N lines of leading context\n\t-C N\tSame as '-A N -B N'\n\t-e PTRN\tPattern to match\n\t-f FILE\tRead pattern from file";

    public static IEnumerable<Tool> All =>
    [
        new("grep", Usage, tool => RunAsync(tool, false, false)) { UsageStatus = 2 },
        new("egrep", Usage, tool => RunAsync(tool, true, false)) { UsageStatus = 2 },
        new("fgrep", Usage, tool => RunAsync(tool, false, true)) { UsageStatus = 2 },
    ];

    private sealed record Settings(Options Options, List<Regex> Patterns, bool Names, long Maximum, long Before, long After)
    {
        public bool Has(char letter) => Options.Has(letter);
    }

    /// <summary>--include and --exclude, GNU's.</summary>
    private static bool IsWanted(Options options, string name) =>
        (!options.Has('X') || options.Values('X').Any(p => new ShellPattern(p).Matches(name))) && !options.Values('Y').Any(p => new ShellPattern(p).Matches(name));

    private static async Task<int> RunAsync(ToolContext tool, bool extended, bool literal)
    {
        var options = tool.Parse("HhnlLoqvsrRiywxFEzce:f:m:A:B:C:aIGPX:Y:", ("color", 'I'), ("colour", 'I'), ("include", 'X'), ("exclude", 'Y'), ("line-number", 'n'), ("ignore-case", 'i'), ("invert-match", 'v'), ("count", 'c'),
            ("quiet", 'q'), ("silent", 'q'), ("recursive", 'r'), ("extended-regexp", 'E'), ("fixed-strings", 'F'), ("regexp", 'e'), ("only-matching", 'o'), ("files-with-matches", 'l'), ("word-regexp", 'w'),
            ("line-regexp", 'x'), ("max-count", 'm'), ("after-context", 'A'), ("before-context", 'B'), ("context", 'C'), ("no-filename", 'h'), ("with-filename", 'H'), ("no-messages", 's'));
        var operands = options.Operands;
        var patterns = options.Values('e').ToList();
        foreach (var file in options.Values('f'))
        {
            var text = ByteText.FromBytes(await tool.ReadAllAsync(tool.Open(file)));
            patterns.AddRange(text.TrimEnd('\n').Split('\n').Select(ByteText.ToText));
        }
        if (patterns.Count == 0 && !options.Has('f'))
        {
            if (operands.Count == 0) throw new UsageException();
            patterns.Add(operands[0]);
            operands.RemoveAt(0);
        }
        var recursive = options.Has('r') || options.Has('R');
        var files = operands.Count > 0 ? operands : recursive ? ["."] : ["-"];
        if (recursive) files = [.. files.SelectMany(f => f == "-" ? [f] : FileTools.Tree(tool, f).Where(p => tool.Find(p, follow: false) is not { Kind: FileKind.Directory } && IsWanted(options, ToolContext.LastName(p))))];
        var context = options.Value('C') is { } c ? ToolContext.Number(c) : 0;
        Settings settings;
        try
        {
            var compiled = patterns.SelectMany(p => p.Split('\n')).Select(p => Compile(p, options, extended || options.Has('E') || options.Has('P'), literal || options.Has('F'))).ToList();
            settings = new(options, compiled, options.Has('H') || (!options.Has('h') && (files.Count > 1 || recursive)),
                options.Value('m') is { } m ? ToolContext.Number(m) : long.MaxValue,
                options.Value('B') is { } b ? ToolContext.Number(b) : context, options.Value('A') is { } a ? ToolContext.Number(a) : context);
        }
        catch (PosixRegexException fault)
        {
            throw new ToolException($"bad regex '{patterns[0]}': {fault.Message}", 2);
        }

        var (found, failed) = (false, false);
        foreach (var file in files)
        {
            try
            {
                found |= await SearchAsync(tool, settings, file);
            }
            catch (FileFaultException fault)
            {
                failed = true;
                if (!options.Has('s')) await tool.WarnAsync(fault.Fault == FileFault.IsADirectory ? $"{file}: Is a directory" : $"{file}: {fault.Message}");
            }
            catch (RegexMatchTimeoutException)
            {
                throw new ToolException("exceeded the limit of backtracking", 2);
            }
            if (found && options.Has('q')) return 0;
        }
        return failed ? 2 : found ? 0 : 1;
    }

    private static Regex Compile(string pattern, Options options, bool extended, bool literal)
    {
        var text = ToolContext.Bytes(pattern);
        if (literal) (text, extended) = (EscapeExtended(text), true);
        return PosixRegex.Compile(text, extended, options.Has('i') || options.Has('y'), wholeLine: options.Has('x'), wholeWord: options.Has('w'));
    }

    /// <summary>A text as an extended expression that matches just it.</summary>
    public static string EscapeExtended(string text) => string.Concat(text.Select(c => "\\^$.[]|()*+?{}".Contains(c, StringComparison.Ordinal) ? "\\" + c : c.ToString()));

    private static async ValueTask<bool> SearchAsync(ToolContext tool, Settings settings, string file)
    {
        var lines = tool.Lines(tool.Open(file));
        var name = file == "-" ? "(standard input)" : ByteText.FromText(file);
        var before = new Queue<(long Number, string Line)>();
        long number = 0, count = 0, after = 0, printed = 0;
        var quiet = settings.Has('q') || settings.Has('l') || settings.Has('L') || settings.Has('c');
        while (await lines.ReadAsync() is { } line)
        {
            number++;
            if (settings.Patterns.Exists(p => p.IsMatch(line)) != settings.Has('v'))
            {
                count++;
                if (settings.Has('q') || settings.Has('l') || settings.Has('L')) break;
                if (!quiet)
                {
                    if ((settings.Before > 0 || settings.After > 0) && printed > 0 && number - before.Count > printed + 1) await tool.Out.WriteAsync("--\n");
                    foreach (var (at, held) in before) await PrintAsync(at, held, '-');
                    before.Clear();
                    if (settings.Has('o')) await PrintMatchesAsync(line);
                    else await PrintAsync(number, line, ':');
                    printed = number;
                    after = settings.After;
                }
                if (count >= settings.Maximum) break;
            }
            else if (!quiet && after > 0)
            {
                after--;
                await PrintAsync(number, line, '-');
                printed = number;
            }
            else if (settings.Before > 0)
            {
                before.Enqueue((number, line));
                if (before.Count > settings.Before) before.Dequeue();
            }
        }
        if (settings.Has('q')) return count > 0;
        if (settings.Has('l'))
        {
            if (count > 0) await tool.Out.WriteLineAsync(name);
        }
        else if (settings.Has('L'))
        {
            if (count == 0) await tool.Out.WriteLineAsync(name);
        }
        else if (settings.Has('c'))
        {
            await tool.Out.WriteLineAsync((settings.Names ? name + ":" : "") + count.ToString(CultureInfo.InvariantCulture));
        }
        return count > 0;

        string Prefix(long at, char mark) => (settings.Names ? name + mark : "") + (settings.Has('n') ? at.ToString(CultureInfo.InvariantCulture) + mark : "");

        ValueTask PrintAsync(long at, string text, char mark) => settings.Has('o') && mark == '-' ? default : tool.Out.WriteLineAsync(Prefix(at, mark) + text);

        async ValueTask PrintMatchesAsync(string text)
        {
            if (settings.Has('v')) return;
            var at = 0;
            while (at <= text.Length)
            {
                var match = settings.Patterns.Select(p => p.Match(text, at)).Where(m => m.Success && m.Length > 0).OrderBy(m => m.Index).ThenByDescending(m => m.Length).FirstOrDefault();
                if (match is null) break;
                await tool.Out.WriteLineAsync(Prefix(number, ':') + match.Value);
                at = match.Index + match.Length;
            }
        }
    }
}
