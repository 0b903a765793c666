using System.Globalization;
using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.Bind;

/// <summary>BIND's dig: one query, and all of its answer.</summary>
internal sealed class DigProgram : IProgram
{
    public const string Version = "9.18.27";

    private const int UsageError = 1;
    private const int NoAnswer = 9;
    private const int InternalError = 10;

    public async Task<int> RunAsync(ProcessContext context)
    {
        IReadOnlyList<string> words = [.. context.Arguments.Skip(1)];
        if (words is ["-v"])
        {
            await context.PrintErrorAsync($"DiG {Version}\n");
            return 0;
        }
        var options = DigOptions.Parse(words);
        if (options.Fault is { } fault)
        {
            await context.PrintErrorAsync($"{fault}\nUsage:  dig [@global-server] [domain] [q-type] [q-class] {{q-opt}}\n");
            return UsageError;
        }
        var resolver = await HostNames.ResolverAsync(context, context.Killed);
        SocketAddress? server = null;
        if (options.Server is { } named)
        {
            if ((await HostNames.ResolveAsync(context, named, context.Killed)) is not [var address, ..])
            {
                await context.PrintErrorAsync($"dig: couldn't get address for '{named}': not found\n");
                return InternalError;
            }
            server = new SocketAddress(address, options.Port);
        }
        else if (options.Port != 53)
        {
            server = new SocketAddress(resolver.Configuration.NameServers.FirstOrDefault(IpAddress.LoopbackV4), options.Port);
        }

        var header = options.ShowsCommand && !options.Short ? $"\n; <<>> DiG {Version} <<>> {string.Join(' ', words)}\n;; global options: +cmd\n" : "";
        try
        {
            var answer = await resolver.QueryAsync(
                options.Name.Length == 0 ? "." : options.Name, options.Type,
                new DnsQueryOptions { Server = server, Search = options.Search, Tcp = options.Tcp, RecursionDesired = options.Recurse, Timeout = options.Timeout, Attempts = options.Tries }, context.Killed);
            await context.PrintAsync(options.Short ? string.Concat(answer.Message.Answers.Select(record => DnsText.Describe(record.Data) + "\n")) : header + Describe(answer, options, context.Clock));
            return 0;
        }
        catch (DnsFaultException failed) when (failed.Fault == DnsFault.TryAgain)
        {
            var asked = server ?? new SocketAddress(resolver.Configuration.NameServers.FirstOrDefault(IpAddress.LoopbackV4), 53);
            await context.PrintAsync($"{header};; communications error to {asked.Address}#{asked.Port}: timed out\n;; no servers could be reached\n");
            return NoAnswer;
        }
        catch (DnsFaultException)
        {
            await context.PrintErrorAsync($"dig: '{options.Name}' is not a legal name (bad label)\n");
            return InternalError;
        }
    }

    private static string Describe(DnsAnswer answer, DigOptions options, TimeProvider clock)
    {
        var (message, text) = (answer.Message, new StringBuilder());
        if (options.ShowsComments)
        {
            var extra = message.UdpPayloadSize is null ? 0 : 1;
            text.Append(";; Got answer:\n").Append(CultureInfo.InvariantCulture, $";; ->>HEADER<<- opcode: QUERY, status: {DnsText.Describe(message.ResponseCode)}, id: {message.Id}\n")
                .Append(CultureInfo.InvariantCulture, $";; flags: {Flags(message)}; QUERY: {message.Questions.Length}, ANSWER: {message.Answers.Length}, AUTHORITY: {message.Authorities.Length}, ADDITIONAL: {message.Additionals.Length + extra}\n");
            if (message is { RecursionDesired: true, RecursionAvailable: false }) text.Append(";; WARNING: recursion requested but not available\n");
            text.Append('\n');
            if (message.UdpPayloadSize is { } size) text.Append(CultureInfo.InvariantCulture, $";; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: {size}\n");
        }
        if (options.ShowsQuestion) Append(text, options, "QUESTION", message.Questions.Select(DnsText.Line));
        if (options.ShowsAnswer) Append(text, options, "ANSWER", message.Answers.Select(DnsText.Line));
        if (options.ShowsAuthority) Append(text, options, "AUTHORITY", message.Authorities.Select(DnsText.Line));
        if (options.ShowsAdditional) Append(text, options, "ADDITIONAL", message.Additionals.Select(DnsText.Line));
        if (!options.ShowsStatistics) return text.ToString();
        var server = answer.Server;
        return text.Append(CultureInfo.InvariantCulture, $";; Query time: {(long)answer.Elapsed.TotalMilliseconds} msec\n;; SERVER: {server.Address}#{server.Port}({server.Address}) ({(options.Tcp ? "TCP" : "UDP")})\n")
            .Append(CultureInfo.InvariantCulture, $";; WHEN: {clock.GetUtcNow():ddd MMM dd HH:mm:ss} UTC {clock.GetUtcNow():yyyy}\n;; MSG SIZE  rcvd: {answer.Size}\n\n").ToString();
    }

    private static void Append(StringBuilder text, DigOptions options, string section, IEnumerable<string> lines)
    {
        var all = lines.ToArray();
        if (all.Length == 0) return;
        if (options.ShowsComments) text.Append(CultureInfo.InvariantCulture, $";; {section} SECTION:\n");
        foreach (var line in all) text.Append(line).Append('\n');
        if (options.ShowsComments) text.Append('\n');
    }

    private static string Flags(DnsMessage message) => string.Join(' ', new[]
    {
        "qr", message.Authoritative ? "aa" : "", message.Truncated ? "tc" : "", message.RecursionDesired ? "rd" : "", message.RecursionAvailable ? "ra" : "",
    }.Where(flag => flag.Length > 0));
}
