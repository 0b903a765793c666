using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>lifecycle.stopSignal (KEP-4960) as Linux/x86-64 numbers.</summary>
internal static class StopSignals
{
    private const int Terminate = 15;

    public static int Of(V1Container container) => container.Lifecycle?.StopSignal switch
    {
        "SIGHUP" => 1,
        "SIGINT" => 2,
        "SIGQUIT" => 3,
        "SIGABRT" => 6,
        "SIGKILL" => 9,
        "SIGUSR1" => 10,
        "SIGUSR2" => 12,
        _ => Terminate,
    };
}
