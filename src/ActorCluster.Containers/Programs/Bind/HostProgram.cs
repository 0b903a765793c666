using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.Bind;

/// <summary>BIND's host: a name's addresses, an address's name, or one type, a sentence each.</summary>
internal sealed class HostProgram : IProgram
{
    public async Task<int> RunAsync(ProcessContext context)
    {
        DnsType? only = null;
        var operands = new List<string>();
        for (var i = 1; i < context.Arguments.Count; i++)
        {
            var word = context.Arguments[i];
            if (word == "-t" && i + 1 < context.Arguments.Count && DnsText.TryParseType(context.Arguments[++i], out var type)) only = type;
            else if (word.StartsWith('-')) return await UsageAsync(context);
            else operands.Add(word);
        }
        if (operands.Count is not (1 or 2)) return await UsageAsync(context);
        SocketAddress? server = null;
        if (operands.Count == 2)
        {
            if (await HostNames.ResolveAsync(context, operands[1], context.Killed) is not [var address, ..])
            {
                await context.PrintErrorAsync($"host: couldn't get address for '{operands[1]}': not found\n");
                return 1;
            }
            server = new SocketAddress(address, 53);
        }

        var name = operands[0];
        DnsType[] types = only is { } one ? [one] : [DnsType.A, DnsType.Aaaa];
        var options = new DnsQueryOptions { Server = server, Search = true };
        if (only is null && IpAddress.TryParse(name, out var literal)) (name, types, options) = (StubResolver.ReverseName(literal), [DnsType.Ptr], options with { Search = false });
        var resolver = await HostNames.ResolverAsync(context, context.Killed);
        var text = new StringBuilder();
        foreach (var type in types)
        {
            DnsAnswer answer;
            try
            {
                answer = await resolver.QueryAsync(name, type, options, context.Killed);
            }
            catch (DnsFaultException)
            {
                await context.PrintAsync(text + ";; connection timed out; no servers could be reached\n");
                return 1;
            }
            if (answer.Message.ResponseCode != DnsResponseCode.NoError)
            {
                await context.PrintAsync($"{text}Host {name} not found: {(int)answer.Message.ResponseCode}({DnsText.Describe(answer.Message.ResponseCode)})\n");
                return 1;
            }
            foreach (var record in answer.Message.Answers) text.Append(Describe(record)).Append('\n');
            if (only is not null && answer.Message.Answers.IsEmpty) text.Append(name).Append(" has no ").Append(DnsText.Describe(type)).Append(" record\n");
        }
        await context.PrintAsync(text.ToString());
        return 0;
    }

    private static async Task<int> UsageAsync(ProcessContext context)
    {
        await context.PrintErrorAsync("Usage: host [-t type] {hostname|address} [server]\n");
        return 1;
    }

    private static string Describe(DnsRecord record) => record.Data switch
    {
        DnsData.Address address => $"{record.Name} has {(address.Value.IsV4 ? "address" : "IPv6 address")} {address.Value}",
        DnsData.CanonicalName alias => $"{record.Name} is an alias for {alias.Target}.",
        DnsData.Pointer pointer => $"{record.Name} domain name pointer {pointer.Target}.",
        DnsData.NameServer server => $"{record.Name} name server {server.Target}.",
        DnsData.Service => $"{record.Name} has SRV record {DnsText.Describe(record.Data)}",
        DnsData.Text => $"{record.Name} descriptive text {DnsText.Describe(record.Data)}",
        _ => $"{record.Name} has {DnsText.Describe(record.Data.Type)} record {DnsText.Describe(record.Data)}",
    };
}
