namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>The plugins that see no question: health, ready and reload (https://coredns.io/plugins/).</summary>
internal static class ProcessPlugins
{
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(2);

    public static void Health(PluginSetup setup)
    {
        var directive = setup.Once();
        setup.Corefile.HealthPort = PluginSetup.PortOf(directive, 8080);
        foreach (var option in directive.Options)
        {
            if (option.Words[0] != "lameduck") throw directive.FaultAt(option.Number, $"unknown property '{option.Words[0]}'");
            if (option.Arguments.Length != 1) throw directive.WrongArguments(option);
            setup.Corefile.LameDuck = PluginSetup.Duration(directive, option.Words[1]);
        }
    }

    public static void Ready(PluginSetup setup) => setup.Corefile.ReadyPort = PluginSetup.PortOf(setup.Once(), 8181);

    public static void Reload(PluginSetup setup)
    {
        var directive = setup.Once();
        if (directive.Arguments.Length > 2) throw directive.WrongArguments();
        var interval = directive.Arguments.IsEmpty ? UsualInterval : PluginSetup.Duration(directive, directive.Arguments[0]);
        // 0 switches it off.
        setup.Corefile.ReloadInterval = interval == TimeSpan.Zero ? null : interval < ShortestInterval ? ShortestInterval : interval;
    }
}
