using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>
/// A recorded session: lines that begin with "$ " are commands (those with "> " go on), and below each stands what it wrote, standard error included,
/// and its exit code unless that is 0. What differs from run to run is brought to one form. "$&lt;1.30 " and "$>=1.30 " are for some versions of kubectl only.
/// </summary>
internal sealed partial class Transcript(IReadOnlyList<Transcript.Step> steps)
{
    /// <param name="Versions">For which versions of kubectl, as it is written: "", "&lt;1.NN" or ">=1.NN".</param>
    internal sealed record Step(string Versions, string Command, string Output)
    {
        /// <param name="minor">A version's NN.</param>
        public bool IsFor(int minor) => Versions.Length == 0
            || (minor >= int.Parse(Versions.AsSpan(Versions.IndexOf('.', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture)) == (Versions[0] == '>');

        public override string ToString() => $"${Versions} {Command.Replace("\n", "\n> ", StringComparison.Ordinal)}\n{(Output.Length == 0 ? "" : Output + "\n")}";
    }

    public IReadOnlyList<Step> Steps => steps;

    public static Transcript Parse(string text)
    {
        var steps = new List<Step>();
        var output = new StringBuilder();
        Step? step = null;
        foreach (var line in text.Split('\n'))
        {
            if (Prompt().Match(line) is { Success: true } prompt)
            {
                Add();
                step = new Step(prompt.Groups[1].Value, prompt.Groups[2].Value, "");
            }
            else if (line.StartsWith("> ", StringComparison.Ordinal) && output.Length == 0 && step is not null) step = step with { Command = step.Command + "\n" + line[2..] };
            else output.Append(line).Append('\n');
        }
        Add();
        return new Transcript(steps);

        void Add()
        {
            if (step is not null) steps.Add(step with { Output = output.ToString().TrimEnd('\n') });
            output.Clear();
        }
    }

    public override string ToString() => string.Concat(steps);

    /// <summary>Output without what no two runs have in common.</summary>
    public static string Normalize(string output)
    {
        var text = Color().Replace(output.Replace("\r", "", StringComparison.Ordinal), "");
        text = Since134().Replace(text, "");
        text = Uid().Replace(text, "<uid>");
        text = Credential().Replace(text, "X509SHA256=<hash>");
        text = Time().Replace(text, "<time>");
        text = LongTime().Replace(text, "<time>");
        text = Revision().Replace(text, "$1<revision>");
        text = Container().Replace(text, "<container>");
        text = PodName().Replace(text, "$1-<id>");
        text = TokenVolume().Replace(text, "kube-api-access-<id>");
        text = PodAddress().Replace(text, "<pod address>");
        text = ClusterAddress().Replace(text, "<cluster address>");
        text = Server().Replace(text, "https://<server>");
        text = Node().Replace(text, "<node>");
        text = Age().Replace(text, "<age>");
        text = NodePort().Replace(text, "$1<node port>");
        text = Padding().Replace(text, "   ");
        return string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())).Trim('\n');
    }

    [GeneratedRegex(@"^\$((?:<|>=)1\.\d+)? (.*)$")]
    private static partial Regex Prompt();

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Color();

    /// <summary>What kubectl 1.34 and later say in addition, and what they no longer say (https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.34.md).</summary>
    [GeneratedRegex("(?<=deleted) from [a-z-]+ namespace| +creationTimestamp: null\n")]
    private static partial Regex Since134();

    [GeneratedRegex("X509SHA256=[0-9a-f]{64}")]
    private static partial Regex Credential();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Time();

    [GeneratedRegex(@"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")]
    private static partial Regex LongTime();

    [GeneratedRegex("(resourceVersion\"?: \"?)[1-9][0-9]*")]
    private static partial Regex Revision();

    [GeneratedRegex("actorcluster://[0-9a-f]+")]
    private static partial Regex Container();

    [GeneratedRegex("([a-z]+-[0-9a-f]{8,10})-[bcdfghjklmnpqrstvwxz2456789]{5}\\b")]
    private static partial Regex PodName();

    [GeneratedRegex("kube-api-access-[a-z0-9]{5}")]
    private static partial Regex TokenVolume();

    [GeneratedRegex(@"\b10\.244\.\d+\.\d+")]
    private static partial Regex PodAddress();

    [GeneratedRegex(@"\b10\.(9[6-9]|10\d|11[01])\.\d+\.\d+\b")]
    private static partial Regex ClusterAddress();

    [GeneratedRegex(@"https://127\.0\.0\.1:\d+")]
    private static partial Regex Server();

    [GeneratedRegex(@"\bworker-\d\b(/172\.18\.0\.\d)?")]
    private static partial Regex Node();

    [GeneratedRegex(@"(?<=\s)(\d+[smh]|\d+m\d+s)( ago)?(?=\s|$|\))")]
    private static partial Regex Age();

    [GeneratedRegex(@"(\b80:|NodePort:\s+<unset>\s+)3[0-2]\d{3}")]
    private static partial Regex NodePort();

    [GeneratedRegex(@"(?<=\S) {2,}|\t+")]
    private static partial Regex Padding();
}
