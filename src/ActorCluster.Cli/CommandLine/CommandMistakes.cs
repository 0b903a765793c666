using System.CommandLine;

namespace ActorCluster.Cli.CommandLine;

/// <summary>What is wrong with a command line, in the user's words: unknown commands and options by their names, with the nearest that there are.</summary>
internal static class CommandMistakes
{
    private const string NameSpaceOption = "-n";

    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var unmatched = parsed.UnmatchedTokens;
        if (command.Subcommands.Count > 0)
        {
            if (unmatched.FirstOrDefault(token => !token.StartsWith('-')) is { } word) return [UnknownCommand(command, word)];
            if (unmatched.Count == 0 && parsed.Errors.Count > 0)
                return [$"'{PathOf(command)}' needs a command: {string.Join(", ", Visible(command).Select(child => child.Name))}."];
        }

        return [.. parsed.Errors.Select(error => error.Message).Where(message => !unmatched.Any(token => message.Contains($"'{token}'", StringComparison.Ordinal))), .. Unmatched(command, unmatched)];
    }

    /// <summary>As the user types it, "actorcluster node kill".</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "actorcluster";

    private static string UnknownCommand(Command command, string word)
    {
        var below = Below(command).ToList();
        var near = NearestWords.To(word, below.Select(child => child.Name)).ToList();
        var meant = below.Where(child => near.Contains(child.Name)).OrderBy(child => near.IndexOf(child.Name)).Select(child => $"'{PathOf(child)}'").ToList();
        return $"There is no command '{PathOf(command)} {word}'.{(meant.Count == 0 ? "" : $" Did you mean {string.Join(" or ", meant)}?")}";
    }

    private static IEnumerable<string> Unmatched(Command command, IReadOnlyList<string> tokens)
    {
        var afterOption = false;
        foreach (var token in tokens)
        {
            var isOption = token.StartsWith('-') && token.Length > 1;
            // What follows an unknown option is most likely its value.
            if (isOption) yield return UnknownOption(command, token.Split('=')[0]);
            else if (!afterOption) yield return $"'{token}' is more than '{PathOf(command)}' takes.";
            afterOption = isOption && !token.Contains('=', StringComparison.Ordinal);
        }
    }

    private static string UnknownOption(Command command, string option)
    {
        var names = command.Options.Where(known => !known.Hidden).SelectMany(known => known.Aliases.Append(known.Name)).ToList();
        if (option == NameSpaceOption && names.Contains("--name"))
            return $"'{PathOf(command)}' has no {NameSpaceOption}: the cluster's name is --name ({NameSpaceOption} is the namespace, for services, trace and capture).";
        var near = NearestWords.To(option, names.Where(name => name.StartsWith("--", StringComparison.Ordinal))).Select(name => $"'{name}'").ToList();
        return $"'{PathOf(command)}' has no option '{option}'.{(near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near)}?")}";
    }

    private static IEnumerable<Command> Visible(Command command) => command.Subcommands.Where(child => !child.Hidden);

    private static IEnumerable<Command> Below(Command command) => Visible(command).SelectMany(child => Below(child).Prepend(child));
}
