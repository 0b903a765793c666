using System.Collections.Immutable;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>CoreDNS's plugins, those that are emulated in the order in which they see a question (plugin.cfg).</summary>
internal static class PluginCatalog
{
    public static readonly ImmutableArray<(string Name, Action<PluginSetup> SetUp)> InOrder =
    [
        ("reload", ProcessPlugins.Reload),
        ("ready", ProcessPlugins.Ready),
        ("health", ProcessPlugins.Health),
        ("prometheus", PrometheusPlugin.SetUp),
        ("errors", ErrorsPlugin.SetUp),
        ("log", LogPlugin.SetUp),
        ("loadbalance", LoadBalancePlugin.SetUp),
        ("hosts", HostsPlugin.SetUp),
        ("kubernetes", KubernetesPlugin.SetUp),
        ("loop", LoopPlugin.SetUp),
        ("forward", ForwardPlugin.SetUp),
        .. WithoutEffect.Select(name => (name, (Action<PluginSetup>)(_ => { }))),
        .. NotEmulated.Select(name => (name, (Action<PluginSetup>)(setup => throw setup.Directives[0].NotEmulated("this plugin")))),
    ];

    private static readonly ImmutableHashSet<string> Names = [.. InOrder.Select(plugin => plugin.Name)];

    /// <summary>Those whose absence nobody sees: answers are quick without a cache, small enough, and say no more than they must.</summary>
    private static IEnumerable<string> WithoutEffect => ["cache", "bufsize", "minimal", "nsid", "any", "debug", "cancel", "autopath", "trace", "pprof", "metadata", "timeouts", "multisocket"];

    private static IEnumerable<string> NotEmulated =>
    [
        "root", "geoip", "proxyproto", "quic", "grpc_server", "https", "https3", "bind", "shed", "dnstap", "local", "dns64", "chaos", "tsig", "rewrite", "acl", "header", "dnssec", "tls", "template",
        "transfer", "route53", "azure", "clouddns", "k8s_external", "file", "auto", "secondary", "etcd", "grpc", "erratic", "whoami", "on", "sign", "view", "nomad",
    ];

    public static bool IsPlugin(string name) => Names.Contains(name);
}
