using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ActorCluster.Cli.CommandLine;

/// <summary>A command that shows how it is used.</summary>
internal interface IHasExamples
{
    /// <summary>Command lines as a user types them, each with what it does after two spaces and a '#', or without.</summary>
    IReadOnlyList<string> Examples { get; }
}

/// <summary>--help, with the command's examples at its end, and with the arguments of its commands in brackets where they may be left out.</summary>
internal sealed class ExampleHelpAction(HelpAction usual) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        // Whoever asks for a command that isn't listed is to be told of it, too; the library says nothing.
        var isHidden = command.Hidden;
        command.Hidden = false;
        var code = usual.Invoke(parseResult);
        command.Hidden = isHidden;
        parseResult.InvocationConfiguration.Output = output;
        output.Write(OptionalArguments.Mark(text.ToString(), [.. command.Subcommands.Where(child => !child.Hidden)]));
        if (command is IHasExamples { Examples: { Count: > 0 } examples })
        {
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in examples) output.WriteLine($"  {example}");
            output.WriteLine();
        }

        return code;
    }
}
