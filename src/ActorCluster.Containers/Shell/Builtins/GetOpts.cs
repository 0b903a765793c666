using System.Globalization;
using ActorCluster.Containers.Shell.Execution;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>getopts (POSIX): one option a call, its place kept in OPTIND.</summary>
internal static class GetOpts
{
    public static async ValueTask<int> RunAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (words.Count < 3) throw new ShellFaultException("usage: getopts optstring var [arg]", 2);
        var state = shell.State;
        var (options, variable) = (words[1], words[2]);
        if (!Parser.IsName(variable)) throw new ShellFaultException($"{variable}: bad variable name", 2);
        var arguments = words.Count > 3 ? words.Skip(3).ToList() : state.Positional;
        var silent = options.StartsWith(':');
        if (!ControlBuiltins.TryNumber(state.Get("OPTIND") ?? "1", out var index) || index < 1) index = 1;
        var offset = state.OptionOffset;
        if (offset == 0)
        {
            var word = index <= arguments.Count ? arguments[index - 1] : null;
            if (word is null || word.Length < 2 || word[0] != '-' || word == "--")
            {
                if (word == "--") SetIndex(state, index + 1, 0);
                else SetIndex(state, index, 0);
                state.Set(variable, "?");
                state.Unset("OPTARG");
                return 1;
            }
            offset = 1;
        }
        var cluster = arguments[index - 1];
        var letter = cluster[offset++];
        var (nextIndex, nextOffset) = offset < cluster.Length ? (index, offset) : (index + 1, 0);
        var known = letter == ':' ? -1 : options.IndexOf(letter, StringComparison.Ordinal);
        string? argument = null;
        var result = letter.ToString();
        if (known < 0)
        {
            result = "?";
            if (silent) argument = letter.ToString();
            else await shell.WriteErrorAsync($"Illegal option -{letter}\n");
        }
        else if (known + 1 < options.Length && options[known + 1] == ':')
        {
            if (nextOffset != 0) (argument, nextIndex, nextOffset) = (cluster[offset..], index + 1, 0);
            else if (nextIndex <= arguments.Count) argument = arguments[nextIndex++ - 1];
            else
            {
                result = silent ? ":" : "?";
                if (silent) argument = letter.ToString();
                else await shell.WriteErrorAsync($"No arg for -{letter} option\n");
            }
        }
        SetIndex(state, nextIndex, nextOffset);
        if (argument is null) state.Unset("OPTARG");
        else state.Set("OPTARG", argument);
        state.Set(variable, result);
        return 0;
    }

    private static void SetIndex(ShellState state, int index, int offset)
    {
        state.Set("OPTIND", index.ToString(CultureInfo.InvariantCulture));
        state.OptionOffset = offset;
    }
}
