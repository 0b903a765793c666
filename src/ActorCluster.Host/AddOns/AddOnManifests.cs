using System.Text;
using System.Text.Json;
using ActorCluster.Api.Registry;
using ActorCluster.Contracts.Client;

namespace ActorCluster.Host.AddOns;

/// <summary>
/// What a cluster needs besides Kubernetes itself, from manifests in this assembly: the cluster's DNS, as kubeadm installs it
/// (cmd/kubeadm/app/phases/addons/dns/manifests.go) without what needs RBAC, and the storage class "standard" that kind has. JSON, because that can be sent as it is: reading YAML into
/// typed objects would cost more than all the rest of the control plane's start.
/// </summary>
internal static class AddOnManifests
{
    private const string Prefix = "ActorCluster.Host.AddOns.";
    private const string Dns = Prefix + "coredns.json";

    /// <summary>Creates what isn't there. What a user changed since stays.</summary>
    /// <param name="manifests">Some of <see cref="Load"/>'s.</param>
    /// <exception cref="InvalidOperationException">The API refused; the message is its.</exception>
    public static async Task EnsureAsync(IApiClient api, ResourceRegistry registry, IEnumerable<JsonElement> manifests, CancellationToken cancellationToken)
    {
        foreach (var manifest in manifests)
        {
            var request = CreateRequest(manifest, registry);
            // Asked for first: a Service's address would be refused as taken before its name is.
            var there = await api.SendAsync(request with { Verb = ApiVerb.Get, Name = manifest.GetProperty("metadata").GetProperty("name").GetString()!, Body = default }, cancellationToken);
            if (there.IsSuccess) continue;
            var answer = await api.SendAsync(request, cancellationToken);
            if (answer is { IsSuccess: false, StatusCode: not 409 })
                throw new InvalidOperationException($"An add-on can't be created: {Encoding.UTF8.GetString(answer.Body.Span)}");
        }
    }

    /// <summary>The objects of all manifests, in order.</summary>
    /// <param name="dns">False: without those of the cluster's DNS.</param>
    internal static IReadOnlyList<JsonElement> Load(bool dns = true)
    {
        var assembly = typeof(AddOnManifests).Assembly;
        var objects = new List<JsonElement>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && (dns || name != Dns)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var list = JsonDocument.Parse(stream);
            objects.AddRange(list.RootElement.GetProperty("items").EnumerateArray().Select(item => item.Clone()));
        }

        return objects;
    }

    public static string KindOf(JsonElement manifest) => manifest.GetProperty("kind").GetString()!;

    private static ApiRequest CreateRequest(JsonElement manifest, ResourceRegistry registry)
    {
        var (apiVersion, kind) = (manifest.GetProperty("apiVersion").GetString()!, KindOf(manifest));
        var definition = registry.FindKind(GroupVersion.Parse(apiVersion).Group, kind) ?? throw new InvalidOperationException($"An add-on's manifest has the unknown kind {apiVersion} {kind}.");
        return new ApiRequest(
            ApiVerb.Create, definition.Name, manifest.GetProperty("metadata").TryGetProperty("namespace", out var home) ? home.GetString()! : "",
            Body: Encoding.UTF8.GetBytes(manifest.GetRawText()),
            Options: new ApiRequestOptions { User = "system:addon-manager" });
    }
}
