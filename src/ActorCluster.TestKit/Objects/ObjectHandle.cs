using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.TestKit.Objects;

/// <summary>One object of a cluster by its name, whether it is there or not.</summary>
public class ObjectHandle<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    internal ObjectHandle(TestCluster cluster, string ns, string name) => (Cluster, Namespace, Name) = (cluster, ns, name);

    /// <summary>"" for what lives in no namespace.</summary>
    public string Namespace { get; }

    public string Name { get; }

    internal TestCluster Cluster { get; }

    /// <returns>Null: there is none.</returns>
    public Task<T?> GetAsync(CancellationToken cancellationToken = default) => Cluster.Client.GetAsync<T>(Namespace, Name, cancellationToken);

    /// <summary>Changes what a JSON merge patch says.</summary>
    /// <exception cref="ClusterAssertionException">There is no such object.</exception>
    public async Task<T> PatchAsync([StringSyntax(StringSyntaxAttribute.Json)] string mergePatch, CancellationToken cancellationToken = default) =>
        await Cluster.Client.PatchAsync<T>(Namespace, Name, JsonNode.Parse(mergePatch)!, ct: cancellationToken) ?? throw new ClusterAssertionException($"There is no {this} to patch.");

    /// <returns>False: there was none.</returns>
    public Task<bool> DeleteAsync(CancellationToken cancellationToken = default) =>
        Cluster.Client.DeleteAsync<T>(Namespace, Name, new DeleteOptions(PropagationPolicy: "Background"), cancellationToken);

    /// <summary>Waits until the object is there and as wanted.</summary>
    /// <param name="within">By the cluster's clock; null: its patience.</param>
    /// <exception cref="ClusterAssertionException">It never was; the message explains.</exception>
    public Task<T> ShouldBecomeAsync(
        Func<T, bool> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string what = "", CancellationToken cancellationToken = default) =>
        Cluster.ShouldBecomeAsync(Namespace, Name, condition, within, what, cancellationToken);

    /// <summary>Waits until there is no such object.</summary>
    /// <exception cref="ClusterAssertionException">It stayed.</exception>
    public Task ShouldBeGoneAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) => Cluster.UntilAsync<T>(
        Namespace, null, $"metadata.name={Name}", static objects => objects.Count == 0, () => Cluster.Reporter.ExplainAsync<T>(Namespace, Name, "be gone"), within, cancellationToken);

    /// <summary>V1Pod default/web.</summary>
    public override string ToString() => $"{KubernetesType.Of<T>().Kind} {(Namespace.Length == 0 ? Name : $"{Namespace}/{Name}")}";
}
