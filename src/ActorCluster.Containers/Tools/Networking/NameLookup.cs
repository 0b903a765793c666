using System.Globalization;
using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>nslookup in the form of busybox's larger variant: A and AAAA of a name, PTR of an address, or the types asked for.</summary>
/// <remarks>
/// A name is looked for as resolv.conf says (search list and ndots), and what is printed is the first that exists. Busybox asks for
/// a name with a dot in it only as it is, so that it never finds "kubernetes.default".
/// </remarks>
internal static class NameLookup
{
    private static readonly (string Name, DnsType Type)[] Types =
    [
        ("soa", DnsType.Soa), ("ns", DnsType.Ns), ("a", DnsType.A), ("aaaa", DnsType.Aaaa), ("cname", DnsType.Cname), ("mx", DnsType.Mx), ("txt", DnsType.Txt), ("ptr", DnsType.Ptr),
        ("srv", DnsType.Srv), ("any", DnsType.Any),
    ];

    public static Tool Tool => new(
        "nslookup", "[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\nQuery DNS about HOST\n\nQUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,ptr,srv,any", RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var (types, port, timeout, attempts, debug, rest) = Parse(tool.Arguments);
        SocketAddress? server = rest.Count > 1 ? new SocketAddress(await Hosts.ResolveAsync(tool, rest[1]), port) : null;
        var resolver = await HostNames.ResolverAsync(tool.Process, tool.Killed);
        if (server is null && port != 53) server = new SocketAddress(resolver.Configuration.NameServers.FirstOrDefault(IpAddress.LoopbackV4), port);

        var name = rest[0];
        if (types.Count == 0)
        {
            if (IpAddress.TryParse(name, out var address)) (name, types) = (StubResolver.ReverseName(address), [DnsType.Ptr]);
            else types = [DnsType.A, DnsType.Aaaa];
        }
        // Both before the first line, so that a server that answers late is told of once.
        var options = new DnsQueryOptions { Server = server, Search = true, Timeout = timeout, Attempts = attempts };
        var status = 0;
        var introduced = false;
        foreach (var type in types.Distinct())
        {
            DnsAnswer answer;
            try
            {
                answer = await resolver.QueryAsync(name, type, type == DnsType.Ptr ? options with { Search = false } : options, tool.Killed);
            }
            catch (DnsFaultException fault) when (fault.Fault == DnsFault.TryAgain)
            {
                await tool.Out.WriteAsync(introduced ? $"*** Can't find {name}: No answer\n\n" : ";; connection timed out; no servers could be reached\n\n");
                return 1;
            }
            catch (DnsFaultException)
            {
                throw new ToolException($"bad address '{name}'");
            }
            if (!introduced) await tool.Out.WriteAsync($"Server:\t\t{(rest.Count > 1 ? rest[1] : answer.Server.Address.ToString())}\nAddress:\t{answer.Server}\n\n");
            introduced = true;
            if (debug) await tool.Out.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"Query #{types.IndexOf(type)} completed in {(long)answer.Elapsed.TotalMilliseconds}ms:\n"));
            if (answer.Message.ResponseCode == DnsResponseCode.NoError)
            {
                await tool.Out.WriteTextAsync(Describe(answer.Message));
            }
            else
            {
                await tool.Out.WriteTextAsync($"** server can't find {name}: {Describe(answer.Message.ResponseCode)}\n");
                status = 1;
            }
            await tool.Out.WriteAsync("\n");
        }
        return status;
    }

    private static (List<DnsType> Types, ushort Port, TimeSpan? Timeout, int? Attempts, bool Debug, IReadOnlyList<string> Operands) Parse(IReadOnlyList<string> arguments)
    {
        var types = new List<DnsType>();
        var (port, debug, timeout, attempts) = ((ushort)53, false, (TimeSpan?)null, (int?)null);
        var at = 0;
        for (; at < arguments.Count && arguments[at].StartsWith('-'); at++)
        {
            var equals = arguments[at].IndexOf('=', StringComparison.Ordinal);
            var (option, value) = equals < 0 ? (arguments[at][1..], "") : (arguments[at][1..equals], arguments[at][(equals + 1)..]);
            if (option.Length == 0) throw new UsageException();
            if ("type".StartsWith(option, StringComparison.Ordinal) && option.Length > 1 || "querytype".StartsWith(option, StringComparison.Ordinal))
            {
                var known = Array.Find(Types, type => type.Name.Equals(value, StringComparison.OrdinalIgnoreCase));
                if (known.Name is null) throw new ToolException($"invalid query type \"{value}\"");
                types.Add(known.Type);
            }
            else if ("port".StartsWith(option, StringComparison.Ordinal)) port = Hosts.Port(value);
            else if ("retry".StartsWith(option, StringComparison.Ordinal)) attempts = Positive(value);
            else if ("debug".StartsWith(option, StringComparison.Ordinal)) debug = true;
            else if ("timeout".StartsWith(option, StringComparison.Ordinal)) timeout = TimeSpan.FromSeconds(Positive(value));
            else throw new UsageException();
        }
        IReadOnlyList<string> rest = [.. arguments.Skip(at)];
        return rest.Count is 1 or 2 ? (types, port, timeout, attempts, debug, rest) : throw new UsageException();
    }

    private static int Positive(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new ToolException($"invalid number '{text}'");

    private static string Describe(DnsMessage message)
    {
        var text = new StringBuilder(message.Authoritative ? "" : "Non-authoritative answer:\n");
        foreach (var record in message.Answers)
        {
            text.Append(record.Data switch
            {
                DnsData.Address address => $"Name:\t{record.Name}\nAddress: {address.Value}\n",
                DnsData.CanonicalName alias => $"{record.Name}\tcanonical name = {alias.Target}\n",
                DnsData.Pointer pointer => $"{record.Name}\tname = {pointer.Target}\n",
                DnsData.NameServer server => $"{record.Name}\tnameserver = {server.Target}\n",
                DnsData.Service service => string.Create(CultureInfo.InvariantCulture, $"{record.Name}\tservice = {service.Priority} {service.Weight} {service.Port} {service.Target}\n"),
                DnsData.Text strings => string.Concat(strings.Strings.Select(line => $"{record.Name}\ttext = \"{line}\"\n")),
                DnsData.StartOfAuthority soa => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{record.Name}\n\torigin = {soa.PrimaryServer}\n\tmail addr = {soa.Mailbox}\n\tserial = {soa.Serial}\n\trefresh = {soa.Refresh}\n\tretry = {soa.Retry}\n\texpire = {soa.Expire}\n\tminimum = {soa.Minimum}\n"),
                _ => "",
            });
        }
        return text.ToString();
    }

    private static string Describe(DnsResponseCode code) => code switch
    {
        DnsResponseCode.FormatError => "FORMERR",
        DnsResponseCode.ServerFailure => "SERVFAIL",
        DnsResponseCode.NameError => "NXDOMAIN",
        DnsResponseCode.NotImplemented => "NOTIMP",
        DnsResponseCode.Refused => "REFUSED",
        _ => string.Create(CultureInfo.InvariantCulture, $"code {(int)code}"),
    };
}
