using ActorCluster.Containers.Shell.Syntax;
using ActorCluster.Containers.Tests.Runtime;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorCluster.Containers.Tests.Shell;

/// <summary>Whatever is typed: the parser answers with commands or a syntax error, and the shell with an exit code.</summary>
public sealed class ParserFuzzTests
{
    private static readonly string[] Fragments =
    [
        "if", "then", "else", "elif", "fi", "for", "in", "do", "done", "case", "esac", "function", "f()", "{", "}", "(", ")", "((", "))", "[[", "]]", "!", "&&", "||", ";", ";;", ";&", "&", "|", "|&",
        "\n", " ", "\t", "\\", "\\\n", "'", "\"", "`", "$", "$(", "$((", "${", "${x", "${x:-", "${x#", "${#", "${x/", "${x:", "}", "$x", "$@", "$*", "$?", "$1", "$'", "~", "~root", "*", "?", "[a", "]",
        "<", ">", ">>", "<<", "<<-", "<<<", "<&", ">&", "<>", ">|", "&>", "2>", "2>&1", "<<E\n", "\nE\n", "EOF", "#", "a", "x=", "x=1", "1", "echo", "eval", "set -e", "\0", "\r", "é", "\u2028", "=", "-", "%", ":",
    ];

    private static readonly Gen<string> Scripts =
        Gen.Choose(0, 40).SelectMany(length => Gen.ArrayOf(Gen.Frequency((6, Gen.Elements(Fragments)), (1, ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""))), length)).Select(string.Concat);

    [Property(MaxTest = 3000)]
    public Property A_text_is_commands_or_a_syntax_error() => Prop.ForAll(Scripts.ToArbitrary(), text =>
    {
        Parse(text, moreMayCome: false);
        Parse(text, moreMayCome: true);
    });

    [Property(MaxTest = 300)]
    public Property A_text_cut_anywhere_is_no_worse() => Prop.ForAll(Gen.Choose(0, 2000).ToArbitrary(), seed =>
    {
        const string Script = "set -eu; f() { local x=\"${1:-`date`}\"; case $x in a|b) echo \"$(( ${#x} + 1 ))\" ;; *) cat <<-'E' | tr a b 2>&1 >/dev/null ;; esac; }\n\tbody\n\tE\nfor i in \"$@\" ${y//a/b}; do while ! [ -e $i ]; do break 2; done; done & wait $!\n";
        Parse(Script[..(seed % Script.Length)], moreMayCome: false);
        Parse(Script[(seed % Script.Length)..], moreMayCome: false);
    });

    [Theory]
    [InlineData("(")]
    [InlineData("{ ")]
    [InlineData("$(")]
    [InlineData("${x:-")]
    [InlineData("\"$(")]
    [InlineData("if ")]
    [InlineData("$((")]
    [InlineData("! ")]
    [InlineData("case a in (")]
    public void Deep_nesting_is_a_syntax_error_and_no_stack_overflow(string opening) =>
        Should.Throw<ShellSyntaxException>(() => ParseAll(string.Concat(Enumerable.Repeat(opening, 100_000)), moreMayCome: false));

    [Property(MaxTest = 150)]
    public Property A_script_ends_with_an_exit_code_whatever_it_is() => Prop.ForAll(Scripts.ToArbitrary(), text =>
    {
        // Nothing that waits for input or loops for ever is among the fragments: "while" and "until" are missing.
        var result = Sandbox.ShAsync(text.Replace("\0", "", StringComparison.Ordinal)).GetAwaiter().GetResult();
        result.Errors.ShouldNotContain("unhandled");
        result.Code.ShouldBeInRange(0, 255);
    });

    private static void Parse(string text, bool moreMayCome)
    {
        try
        {
            ParseAll(text, moreMayCome);
        }
        catch (ShellSyntaxException)
        {
            // The one answer other than commands.
        }
    }

    private static void ParseAll(string text, bool moreMayCome)
    {
        var parser = new Parser(text, moreMayCome);
        // A command takes at least one character: more of them, and the parser stands still.
        for (var commands = 0; parser.NextCommand() is not null; commands++) commands.ShouldBeLessThanOrEqualTo(text.Length);
    }
}
