using System.Globalization;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>wget's command line, as busybox 1.37 takes it.</summary>
internal sealed record WgetOptions
{
    private const char Spider = '\u0001', Header = '\u0002', PostData = '\u0003', PostFile = '\u0004', NoCheck = '\u0005', Ignored = '\u0006';
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(900);

    public required IReadOnlyList<string> Urls { get; init; }
    public bool Continue { get; init; }
    public bool Quiet { get; init; }
    public bool ShowsHeaders { get; init; }
    public bool OnlyChecks { get; init; }
    public bool ChecksCertificates { get; init; }

    /// <summary>-O; "-" is standard output.</summary>
    public string? Output { get; init; }

    /// <summary>-o: where everything but errors is told instead of on standard error.</summary>
    public string? LogPath { get; init; }

    public string? Prefix { get; init; }
    public string UserAgent { get; init; } = "Wget";

    /// <summary>For connecting, for the answer's head, and for each wait for data; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
    public string? PostText { get; init; }
    public string? PostPath { get; init; }

    public static WgetOptions Parse(ToolContext tool)
    {
        var options = tool.Parse(
            $"cqSO:o:P:Y:U:T:t:n::{Spider}{Header}:{PostData}:{PostFile}:{NoCheck}{Ignored}",
            ("continue", 'c'), ("quiet", 'q'), ("server-response", 'S'), ("output-document", 'O'), ("output-file", 'o'), ("directory-prefix", 'P'), ("proxy", 'Y'),
            ("user-agent", 'U'), ("timeout", 'T'), ("tries", 't'), ("spider", Spider), ("header", Header), ("post-data", PostData), ("post-file", PostFile),
            ("no-check-certificate", NoCheck), ("no-cache", Ignored), ("passive-ftp", Ignored), ("no-verbose", Ignored), ("no-clobber", Ignored), ("no-host-directories", Ignored), ("no-parent", Ignored));
        if (options.Operands.Count == 0) throw new UsageException();
        var seconds = options.Value('T') is { } text ? Seconds(text) : DefaultTimeout;
        return new WgetOptions
        {
            Urls = options.Operands,
            Continue = options.Has('c'),
            Quiet = options.Has('q'),
            ShowsHeaders = options.Has('S'),
            OnlyChecks = options.Has(Spider),
            ChecksCertificates = !options.Has(NoCheck),
            Output = options.Value('O'),
            LogPath = options.Value('o'),
            Prefix = options.Value('P'),
            UserAgent = options.Value('U') ?? "Wget",
            Timeout = seconds > TimeSpan.Zero ? seconds : null,
            Headers = [.. options.Values(Header).Select(SplitHeader)],
            PostText = options.Value(PostData),
            PostPath = options.Value(PostFile),
        };
    }

    private static TimeSpan Seconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : throw new ToolException($"invalid number '{text}'");

    private static (string Name, string Value) SplitHeader(string header)
    {
        var colon = header.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (header, "") : (header[..colon].Trim(), header[(colon + 1)..].Trim());
    }
}
