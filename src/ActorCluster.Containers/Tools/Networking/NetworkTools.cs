namespace ActorCluster.Containers.Tools.Networking;

/// <summary>The applets that use the pod's network; one line an applet.</summary>
internal static class NetworkTools
{
    public static IEnumerable<Tool> All =>
    [
        Wget.Tool,
        NetCat.Tool,
        NameLookup.Tool,
        GetEnt.Tool,
        Ping.Tool,
        Ping.Tool6,
        WebServer.Tool,
        NetStat.Tool,
        .. InterfaceTools.All,
    ];
}
