using System.Text.Json.Nodes;

namespace ActorCluster.Api.Allocation;

/// <summary>The IPAddress object of an address that a Service has.</summary>
public static class AllocatedAddress
{
    /// <summary>Label of an IPAddress: IPv4 or IPv6.</summary>
    public const string FamilyLabel = "ipaddress.kubernetes.io/ip-family";

    /// <summary>Label of an IPAddress: who keeps it.</summary>
    public const string ManagedByLabel = "ipaddress.kubernetes.io/managed-by";

    /// <summary>The value of <see cref="ManagedByLabel"/> on the addresses of Services.</summary>
    public const string Allocator = "ipallocator.k8s.io";

    public static JsonObject Describe(IpNumber address, string ns, string service) => new()
    {
        ["apiVersion"] = "networking.k8s.io/v1",
        ["kind"] = "IPAddress",
        ["metadata"] = new JsonObject
        {
            ["name"] = address.ToString(),
            ["labels"] = new JsonObject { [FamilyLabel] = address.Family, [ManagedByLabel] = Allocator },
        },
        ["spec"] = new JsonObject { ["parentRef"] = new JsonObject { ["resource"] = "services", ["namespace"] = ns, ["name"] = service } },
    };
}
