using System.Globalization;
using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.Bind;

/// <summary>BIND's nslookup, not interactive: A and AAAA of a name by the search list, PTR of an address, or one type asked for.</summary>
internal sealed class NslookupProgram : IProgram
{
    public async Task<int> RunAsync(ProcessContext context)
    {
        var types = new List<DnsType>();
        var operands = new List<string>();
        var (port, tcp, search, recurse) = ((ushort)53, false, true, true);
        TimeSpan? timeout = null;
        foreach (var word in context.Arguments.Skip(1))
        {
            if (!word.StartsWith('-'))
            {
                operands.Add(word);
                continue;
            }
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (word[1..], "") : (word[1..equals], word[(equals + 1)..]);
            switch (name)
            {
                case "type" or "query" or "querytype" or "q" or "ty":
                    if (DnsText.TryParseType(value, out var type)) types = [type];
                    else await context.PrintAsync($"unknown query type: {value}\n");
                    break;
                case "port" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out port): break;
                case "timeout" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds): timeout = TimeSpan.FromSeconds(seconds); break;
                case "vc" or "novc": tcp = name == "vc"; break;
                case "search" or "nosearch": search = name == "search"; break;
                case "recurse" or "norecurse": recurse = name == "recurse"; break;
                case "debug" or "nodebug" or "d2" or "nod2": break;
                default:
                    await context.PrintAsync($"*** Invalid option: {name}\n");
                    break;
            }
        }
        if (operands.Count is not (1 or 2))
        {
            await context.PrintErrorAsync("Usage:\n   nslookup [-opt ...] host        # just look up 'host' using default server\n   nslookup [-opt ...] host server # just look up 'host' using 'server'\n");
            return 1;
        }

        SocketAddress? server = null;
        if (operands.Count == 2)
        {
            if (await HostNames.ResolveAsync(context, operands[1], context.Killed) is not [var address, ..])
            {
                await context.PrintErrorAsync($"nslookup: couldn't get address for '{operands[1]}': not found\n");
                return 1;
            }
            server = new SocketAddress(address, port);
        }
        var options = new DnsQueryOptions { Server = server, Search = search, Tcp = tcp, RecursionDesired = recurse, Timeout = timeout };
        return await LookUpAsync(context, operands, types, options);
    }

    private static async Task<int> LookUpAsync(ProcessContext context, List<string> operands, List<DnsType> types, DnsQueryOptions options)
    {
        var name = operands[0];
        var isAddress = IpAddress.TryParse(name, out var literal) && types.Count == 0;
        if (isAddress) (name, types, options) = (StubResolver.ReverseName(literal), [DnsType.Ptr], options with { Search = false });
        else if (types.Count == 0) types = [DnsType.A, DnsType.Aaaa];
        var resolver = await HostNames.ResolverAsync(context, context.Killed);
        var (text, introduced, found) = (new StringBuilder(), false, false);
        var nonAuthoritative = false;
        foreach (var type in types)
        {
            DnsAnswer answer;
            try
            {
                answer = await resolver.QueryAsync(name, type, options, context.Killed);
            }
            catch (DnsFaultException fault)
            {
                await context.PrintAsync(text + (fault.Fault == DnsFault.TryAgain ? ";; connection timed out; no servers could be reached\n\n" : $"** server can't find {name}: NXDOMAIN\n\n"));
                return 1;
            }
            if (!introduced && !isAddress) text.Append(CultureInfo.InvariantCulture, $"Server:\t\t{(operands.Count > 1 ? operands[1] : answer.Server.Address)}\nAddress:\t{answer.Server.Address}#{answer.Server.Port}\n\n");
            introduced = true;
            if (answer.Message.ResponseCode != DnsResponseCode.NoError)
            {
                await context.PrintAsync($"{text}** server can't find {name}: {DnsText.Describe(answer.Message.ResponseCode)}\n\n");
                return 1;
            }
            if (!answer.Message.Authoritative && answer.Message.Answers.Length > 0 && !nonAuthoritative && !isAddress) text.Append("Non-authoritative answer:\n");
            nonAuthoritative |= !answer.Message.Authoritative;
            // The second of the two families repeats the first one's aliases.
            foreach (var record in answer.Message.Answers.Where(record => !(found && record.Data is DnsData.CanonicalName))) text.Append(Describe(record));
            found |= answer.Message.Answers.Length > 0;
        }
        if (!found) text.Append(CultureInfo.InvariantCulture, $"*** Can't find {name}: No answer\n");
        await context.PrintAsync(text.Append('\n').ToString());
        return 0;
    }

    private static string Describe(DnsRecord record) => record.Data switch
    {
        DnsData.Address address => $"Name:\t{record.Name}\nAddress: {address.Value}\n",
        DnsData.CanonicalName alias => $"{record.Name}\tcanonical name = {alias.Target}.\n",
        DnsData.Pointer pointer => $"{record.Name}\tname = {pointer.Target}.\n",
        DnsData.NameServer server => $"{record.Name}\tnameserver = {server.Target}.\n",
        DnsData.Service => $"{record.Name}\tservice = {DnsText.Describe(record.Data)}\n",
        DnsData.Text => $"{record.Name}\ttext = {DnsText.Describe(record.Data)}\n",
        DnsData.StartOfAuthority soa => string.Create(
            CultureInfo.InvariantCulture,
            $"{record.Name}\n\torigin = {soa.PrimaryServer}\n\tmail addr = {soa.Mailbox}\n\tserial = {soa.Serial}\n\trefresh = {soa.Refresh}\n\tretry = {soa.Retry}\n\texpire = {soa.Expire}\n\tminimum = {soa.Minimum}\n"),
        _ => $"{record.Name}\trdata_{(int)record.Data.Type} = {DnsText.Describe(record.Data)}\n",
    };
}
