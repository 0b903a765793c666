namespace ActorCluster.Contracts.Runtime;

/// <summary>Names that several rooms must agree on.</summary>
public static class WellKnown
{
    public const string ActorSystemName = "actorcluster";

    /// <summary>Akka.Cluster roles.</summary>
    public const string ControlPlaneRole = "control-plane";
    public const string WorkerRole = "worker";

    /// <summary>Path of the actor that answers API requests, in the control plane's process.</summary>
    public const string ApiGatewayPath = "/user/api-gateway";

    /// <summary>Path of the actor under which a worker process keeps its nodes: <c>/user/nodes/{nodeName}</c>.</summary>
    public const string NodesPath = "/user/nodes";

    /// <summary>Path of the actor that keeps a worker process's network tables.</summary>
    public const string NetworkTablesPath = "/user/network-tables";

    /// <summary>Path of the actor that takes packets from other processes.</summary>
    public const string PacketLinkPath = "/user/packet-link";

    /// <summary>Annotation of a Node: the Akka address of the process that hosts it, e.g. akka.tcp://actorcluster@127.0.0.1:40123.</summary>
    public const string ProcessAddressAnnotation = "actorcluster.io/process-address";

    /// <summary>Annotation of a Node: the name of the process that hosts it, e.g. worker-2 (what `actorcluster node kill` takes).</summary>
    public const string ProcessNameAnnotation = "actorcluster.io/process-name";

    /// <summary>A kind cluster's 10.244.0.0/16, and the three after it: a /24 for each of 1,024 nodes.</summary>
    public const string PodCidr = "10.244.0.0/14";
    public const string ServiceCidr = "10.96.0.0/12";

    /// <summary>The same for IPv6, as a dual-stack kind cluster has them: a node's pods get a /64.</summary>
    public const string PodCidrV6 = "fd00:10:244::/54";
    public const string ServiceCidrV6 = "fd00:10:96::/112";

    /// <summary>The ServiceCIDR object of <see cref="ServiceCidr"/> and <see cref="ServiceCidrV6"/>.</summary>
    public const string DefaultServiceCidrName = "kubernetes";
    public const string ClusterDnsAddress = "10.96.0.10";
    public const string ClusterDomain = "cluster.local";

    /// <summary>The emulated nodes' own network; node n has 172.18.0.(n+1) as a kind cluster would.</summary>
    public const string NodeCidr = "172.18.0.0/16";

    /// <summary>The same for IPv6: node n has ...::(n+1), in hexadecimal digits.</summary>
    public const string NodeCidrV6 = "fc00:f853:ccd:e793::/64";

    /// <summary>The end of the nodes' network, from which services of type LoadBalancer get their addresses.</summary>
    public const string LoadBalancerCidr = "172.18.255.0/24";
    public const string LoadBalancerCidrV6 = "fc00:f853:ccd:e793::ff00/120";

    /// <summary>Who makes volumes of the class "standard", and the folder of a node's own files that they are in, as on a kind cluster.</summary>
    public const string LocalPathProvisioner = "rancher.io/local-path";
    public const string LocalPathFolder = "/var/local-path-provisioner";

    /// <summary>Where pods find the API server, at <see cref="OutsideAddress"/>.</summary>
    public const ushort ApiServerPort = 6443;

    /// <summary>Where connections from the user's own machine come from, as the host's end of a kind cluster's network does.</summary>
    public const string OutsideAddress = "172.18.0.1";
    public const string OutsideAddressV6 = "fc00:f853:ccd:e793::1";
}
