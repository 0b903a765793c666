namespace ActorCluster.ApiServer.Admission;

/// <summary>Service addresses that mean something.</summary>
internal static class SystemAddresses
{
    /// <summary>The Service default/kubernetes has the first address of the range.</summary>
    public const string Kubernetes = "10.96.0.1";
}
