using System.Globalization;
using System.Text;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.Bind;

/// <summary>DNS messages as BIND's tools print them.</summary>
internal static class DnsText
{
    private const int TimeToLiveColumn = 24, ClassColumn = 32, TypeColumn = 40, DataColumn = 48, TabWidth = 8;

    private static readonly Dictionary<string, DnsType> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["A"] = DnsType.A, ["NS"] = DnsType.Ns, ["CNAME"] = DnsType.Cname, ["SOA"] = DnsType.Soa, ["PTR"] = DnsType.Ptr, ["MX"] = DnsType.Mx, ["TXT"] = DnsType.Txt, ["AAAA"] = DnsType.Aaaa,
        ["SRV"] = DnsType.Srv, ["HINFO"] = DnsType.HostInfo, ["ANY"] = DnsType.Any, ["AXFR"] = DnsType.Axfr, ["IXFR"] = DnsType.Ixfr,
    };

    public static bool TryParseType(string text, out DnsType type) => Types.TryGetValue(text, out type);

    public static string Describe(DnsType type) =>
        Types.FirstOrDefault(known => known.Value == type).Key ?? string.Create(CultureInfo.InvariantCulture, $"TYPE{(int)type}");

    public static string Describe(DnsResponseCode code) => code switch
    {
        DnsResponseCode.NoError => "NOERROR",
        DnsResponseCode.FormatError => "FORMERR",
        DnsResponseCode.ServerFailure => "SERVFAIL",
        DnsResponseCode.NameError => "NXDOMAIN",
        DnsResponseCode.NotImplemented => "NOTIMP",
        DnsResponseCode.Refused => "REFUSED",
        _ => string.Create(CultureInfo.InvariantCulture, $"RESERVED{(int)code}"),
    };

    /// <summary>A record's data in the form of a zone file, names with their final dot.</summary>
    public static string Describe(DnsData data) => data switch
    {
        DnsData.Address address => address.Value.ToString(),
        DnsData.CanonicalName alias => alias.Target + ".",
        DnsData.Pointer pointer => pointer.Target + ".",
        DnsData.NameServer server => server.Target + ".",
        DnsData.Service service => string.Create(CultureInfo.InvariantCulture, $"{service.Priority} {service.Weight} {service.Port} {service.Target}."),
        DnsData.Text text => string.Join(' ', text.Strings.Select(part => $"\"{part.Replace("\"", "\\\"", StringComparison.Ordinal)}\"")),
        DnsData.StartOfAuthority soa => string.Create(
            CultureInfo.InvariantCulture, $"{soa.PrimaryServer}. {soa.Mailbox}. {soa.Serial} {soa.Refresh} {soa.Retry} {soa.Expire} {soa.Minimum}"),
        DnsData.Unknown unknown => string.Create(CultureInfo.InvariantCulture, $"\\# {unknown.Bytes.Length} {Convert.ToHexString(unknown.Bytes.Span)}"),
        _ => throw new ArgumentOutOfRangeException(nameof(data)),
    };

    public static string Line(DnsRecord record)
    {
        var line = new StringBuilder(record.Name + ".");
        Append(line, TimeToLiveColumn, record.TimeToLive.ToString(CultureInfo.InvariantCulture));
        Append(line, ClassColumn, "IN");
        Append(line, TypeColumn, Describe(record.Data.Type));
        Append(line, DataColumn, Describe(record.Data));
        return line.ToString();
    }

    public static string Line(DnsQuestion question)
    {
        var line = new StringBuilder($";{question.Name}.");
        Append(line, ClassColumn, "IN");
        Append(line, TypeColumn, Describe(question.Type));
        return line.ToString();
    }

    /// <summary>Tabs up to a column; a blank if the line is already there.</summary>
    private static void Append(StringBuilder line, int column, string text)
    {
        var at = 0;
        foreach (var c in line.ToString()) at = c == '\t' ? (at / TabWidth + 1) * TabWidth : at + 1;
        if (at >= column) line.Append(' ');
        for (; at < column; at = (at / TabWidth + 1) * TabWidth) line.Append('\t');
        line.Append(text);
    }
}
