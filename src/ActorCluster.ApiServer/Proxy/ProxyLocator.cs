using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Http;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.ApiServer.Proxy;

/// <summary>Finds the far end of a proxied request: ResourceLocation of pkg/registry/core/{pod,service,node}.</summary>
internal sealed class ProxyLocator(ApiPipeline pipeline)
{
    private const string AgentPort = "10250";
    private const int HttpPort = 80;
    private const int HttpsPort = 443;
    private static readonly ResourceName Pods = new("", "pods");
    private static readonly ResourceName Services = new("", "services");
    private static readonly ResourceName Endpoints = new("", "endpoints");
    private static readonly ResourceName Nodes = new("", "nodes");
    private readonly RandomSource _random = pipeline.Simulation.Random.Child("api-proxy");

    /// <exception cref="StatusException">No such object, or it has nobody who could answer.</exception>
    public Task<ProxyTarget> FindAsync(ResourcePath path, CancellationToken cancellationToken)
    {
        var kind = path.Resource.Plural[..^1];
        var name = ProxyName.Parse(path.Name) ?? throw StatusException.BadRequest($"invalid {kind} request {FieldError.GoQuote(path.Name)}");
        return kind switch
        {
            "pod" => PodAsync(path.Namespace, name, cancellationToken),
            "service" => ServiceAsync(path, name, cancellationToken),
            _ => NodeAsync(name, cancellationToken),
        };
    }

    private async Task<ProxyTarget> PodAsync(string ns, ProxyName asked, CancellationToken cancellationToken)
    {
        var pod = await GetAsync(Pods, ns, asked.Name, cancellationToken);
        var port = asked.Port.Length > 0
            ? asked.Port
            : pod.GetObject("spec").GetObjects("containers").SelectMany(c => c.GetObjects("ports")).FirstOrDefault()?.GetInteger("containerPort")?.ToString(CultureInfo.InvariantCulture) ?? "";
        var ip = AddressesOf(pod).FirstOrDefault() ?? "";
        if (!IsGlobal(ip)) throw StatusException.BadRequest("address not allowed");
        return Target(asked.Scheme, ip, port, NodeOf(pod));
    }

    private async Task<ProxyTarget> ServiceAsync(ResourcePath path, ProxyName asked, CancellationToken cancellationToken)
    {
        var port = asked.Port;
        if (asked.PortNumber is { } number)
        {
            var service = await GetAsync(Services, path.Namespace, asked.Name, cancellationToken);
            var declared = service.GetObject("spec").GetObjects("ports").FirstOrDefault(p => p.GetInteger("port") == number)
                ?? throw StatusException.ServiceUnavailable($"no service port {number} found for service {FieldError.GoQuote(asked.Name)}");
            port = declared.GetString("name") ?? "";
        }
        var endpoints = await GetAsync(Endpoints, path.Namespace, asked.Name, cancellationToken);
        var subsets = endpoints.GetObjects("subsets").ToList();
        if (subsets.Count == 0) throw StatusException.ServiceUnavailable($"no endpoints available for service {FieldError.GoQuote(asked.Name)}");
        foreach (var subset in FromAnywhere(subsets))
        {
            var addresses = subset.GetObjects("addresses").ToList();
            var match = subset.GetObjects("ports").FirstOrDefault(p => (p.GetString("name") ?? "") == port);
            if (addresses.Count == 0 || match is null) continue;
            foreach (var address in FromAnywhere(addresses))
            {
                // Only to addresses that are pods: nobody may have the API server call on others.
                if (await PodBehindAsync(path.Namespace, address, cancellationToken) is not { } pod) continue;
                return Target(asked.Scheme, address.GetString("ip")!, (match.GetInteger("port") ?? 0).ToString(CultureInfo.InvariantCulture), NodeOf(pod));
            }
        }
        throw StatusException.ServiceUnavailable($"no endpoints available for service {FieldError.GoQuote(path.Name)}");
    }

    private async Task<ProxyTarget> NodeAsync(ProxyName asked, CancellationToken cancellationToken)
    {
        var node = await GetAsync(Nodes, "", asked.Name, cancellationToken);
        var ip = node.GetObject("status").GetObjects("addresses").FirstOrDefault(a => a.GetString("type") == "InternalIP")?.GetString("address") ?? "";
        if (!IsGlobal(ip)) throw StatusException.BadRequest("address not allowed");
        return asked.Port is "" or AgentPort
            ? new ProxyTarget("https", $"{Bracketed(ip)}:{AgentPort}", asked.Name, null)
            : Target(asked.Scheme, ip, asked.Port, asked.Name);
    }

    private async Task<JsonObject?> PodBehindAsync(string ns, JsonObject address, CancellationToken cancellationToken)
    {
        if (address.GetObject("targetRef") is not { } target || target.GetString("namespace") != ns || target.GetString("name") is not { } name) return null;
        var response = await pipeline.SendAsync(new ApiRequest(ApiVerb.Get, Pods, ns, name), cancellationToken);
        return response.IsSuccess && JsonNode.Parse(response.Body.Span) is JsonObject pod && AddressesOf(pod).Contains(address.GetString("ip")) ? pod : null;
    }

    private async Task<JsonObject> GetAsync(ResourceName resource, string ns, string name, CancellationToken cancellationToken)
    {
        var response = await pipeline.SendAsync(new ApiRequest(ApiVerb.Get, resource, ns, name), cancellationToken);
        return response.IsSuccess ? (JsonObject)JsonNode.Parse(response.Body.Span)! : throw StatusException.NotFound(resource, name);
    }

    private IEnumerable<JsonObject> FromAnywhere(List<JsonObject> all)
    {
        var start = _random.Next(all.Count);
        for (var i = 0; i < all.Count; i++) yield return all[(start + i) % all.Count];
    }

    private static ProxyTarget Target(string scheme, string ip, string port, string node)
    {
        var secure = scheme == "https";
        if (port.Length == 0) return new ProxyTarget(secure ? "https" : "http", Bracketed(ip), node, new DialRequest(ip, secure ? HttpsPort : HttpPort));
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > ushort.MaxValue)
        {
            throw StatusException.ServiceUnavailable($"error trying to reach service: dial tcp: lookup tcp/{port}: unknown port");
        }
        return new ProxyTarget(secure ? "https" : "http", $"{Bracketed(ip)}:{port}", node, new DialRequest(ip, number));
    }

    /// <summary>As a URL has it.</summary>
    private static string Bracketed(string ip) => ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip;

    private static IEnumerable<string> AddressesOf(JsonObject pod) => pod.GetObject("status").GetObjects("podIPs").Select(i => i.GetString("ip")).OfType<string>();

    private static string NodeOf(JsonObject pod) => pod.TextAt("spec", "nodeName") is { Length: > 0 } node ? node : throw StatusException.BadRequest("address not allowed");

    private static bool IsGlobal(string ip) => IPAddress.TryParse(ip, out var address) && !IPAddress.IsLoopback(address)
        && !address.Equals(IPAddress.Any) && !address.IsIPv6LinkLocal && !address.IsIPv6Multicast
        && !ip.StartsWith("169.254.", StringComparison.Ordinal) && !(address.GetAddressBytes() is [>= 224, _, _, _]);
}
