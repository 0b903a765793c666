using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.TestKit;

/// <summary>The cluster's objects: manifests in, states awaited.</summary>
public sealed partial class TestCluster
{
    private const string FieldManager = "testkit";

    /// <summary>Applies the objects of a YAML file, as `kubectl apply --server-side -f` does. Unlike there, a CustomResourceDefinition may be followed by objects of it: they wait for it.</summary>
    /// <param name="file">Relative to the working folder, or to one above it or above the test's assembly.</param>
    /// <exception cref="ApiStatusException">The API refuses one of them.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public async Task ApplyAsync(string file, CancellationToken cancellationToken = default) =>
        await ApplyYamlAsync(await File.ReadAllTextAsync(Find(file), cancellationToken), cancellationToken);

    /// <summary>The same from text; objects of any kind that the API knows.</summary>
    /// <exception cref="ApiStatusException">The API refuses one of them.</exception>
    /// <exception cref="FormatException">An object has no kind or name, or there is no such kind.</exception>
    public Task ApplyYamlAsync(string yaml, CancellationToken cancellationToken = default) => RunAsync(async () =>
    {
        foreach (var document in YamlDocuments.ToJsonDocuments(yaml))
        {
            if (JsonNode.Parse(document.Span) is not JsonObject one) throw new FormatException("A document of the manifest is no object.");
            foreach (var item in one.GetString("kind") == "List" ? one.GetObjects("items") : [one]) await ApplyOneAsync(item, cancellationToken);
        }
    });

    /// <summary>Waits, by the cluster's clock, until an object is there and is as wanted.</summary>
    /// <param name="ns">"" for what lives in no namespace.</param>
    /// <param name="within">Null: the cluster's own patience.</param>
    /// <returns>The object as it was then.</returns>
    /// <exception cref="ClusterAssertionException">It never was; the message has the condition, the object's state and what the cluster knows about it.</exception>
    public async Task<T> ShouldBecomeAsync<T>(
        string ns, string name, Func<T, bool> condition, TimeSpan? within = null,
        [CallerArgumentExpression(nameof(condition))] string what = "", CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var found = await UntilAsync<T>(
            ns, null, $"metadata.name={name}", objects => objects.Any(condition), () => Reporter.ExplainAsync<T>(ns, name, what), within, cancellationToken);
        return found.First(condition);
    }

    /// <summary>Waits, by the cluster's clock, until all objects of a label selector together are as wanted.</summary>
    /// <param name="selector">Null: all of the namespace.</param>
    /// <returns>The objects as they were then.</returns>
    /// <exception cref="ClusterAssertionException">They never were.</exception>
    public Task<IReadOnlyList<T>> ShouldAllBecomeAsync<T>(
        string ns, string? selector, Func<IReadOnlyCollection<T>, bool> condition, TimeSpan? within = null,
        [CallerArgumentExpression(nameof(condition))] string what = "", CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        UntilAsync(ns, selector, null, condition, () => Reporter.ExplainAllAsync<T>(ns, selector, what), within, cancellationToken);

    internal Task<IReadOnlyList<T>> UntilAsync<T>(
        string ns, string? labelSelector, string? fieldSelector, Func<IReadOnlyCollection<T>, bool> condition, Func<Task<string>> explain, TimeSpan? within,
        CancellationToken cancellationToken) where T : class, IKubernetesObject<V1ObjectMeta> => RunAsync(async () =>
    {
        var found = new TaskCompletionSource<IReadOnlyList<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var informer = new Informer<T>(_cluster.Api, Simulation, ns, labelSelector, fieldSelector) { KeepsOwnObjects = true };
        void Look()
        {
            try
            {
                if (condition(informer.List())) found.TrySetResult([.. informer.List()]);
            }
            catch (Exception fault)
            {
                found.TrySetException(fault);
            }
        }

        informer.Changed += (_, _) => Look();
        informer.Start();
        await informer.Synced;
        Look();
        var patience = within ?? Patience;
        if (Clock.IsPaused) await Task.WhenAny(found.Task, Simulation.Loop!.QuietAsync());
        else await Task.WhenAny(found.Task, Task.Delay(patience, Simulation.Clock, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (found.Task.IsCompleted) return await found.Task;
        throw new ClusterAssertionException((Clock.IsPaused ? "Time is paused, and now: " : $"After {patience}: ") + await explain());
    });

    private async Task ApplyOneAsync(JsonObject document, CancellationToken cancellationToken)
    {
        var (apiVersion, kind) = (document.GetString("apiVersion") ?? "", document.GetString("kind") ?? "");
        var name = document.TextAt("metadata", "name") ?? throw new FormatException($"A {kind} of the manifest has no name.");
        var (group, version) = GroupVersion.Parse(apiVersion);
        var definition = _cluster.Resources.FindKind(group, kind) ?? await DefinedAsync(group, kind, cancellationToken)
            ?? throw new FormatException($"no matches for kind \"{kind}\" in version \"{apiVersion}\"");
        var ns = definition.Namespaced ? document.TextAt("metadata", "namespace") ?? "default" : "";
        var answer = await _cluster.Api.SendAsync(
            new ApiRequest(
                ApiVerb.Patch, definition.Name, ns, name, Version: version, Body: Encoding.UTF8.GetBytes(document.ToJsonString()), PatchType: PatchType.Apply,
                Options: new ApiRequestOptions { FieldManager = FieldManager, Force = true, User = "kubernetes-admin" }),
            cancellationToken);
        if (!answer.IsSuccess) throw ApiStatusException.From(answer.StatusCode, answer.Body);
    }

    /// <summary>Waits for a kind that somebody has defined already, such as the same manifest further above, but that isn't served yet.</summary>
    /// <returns>Null: nobody has.</returns>
    /// <exception cref="ClusterAssertionException">The definition was never accepted; the message has its state.</exception>
    private async Task<ResourceDefinition?> DefinedAsync(string group, string kind, CancellationToken cancellationToken)
    {
        var known = await Client.ListAsync<V1CustomResourceDefinition>(ct: cancellationToken);
        if (known.FirstOrDefault(definition => definition.Spec.Group == group && definition.Spec.Names.Kind == kind) is not { } defined) return null;
        await ShouldBecomeAsync<V1CustomResourceDefinition>(
            "", defined.Metadata.Name, definition => definition.Status?.Conditions?.Any(condition => condition is { Type: "Established", Status: "True" }) is true,
            what: "it is Established", cancellationToken: cancellationToken);
        return _cluster.Resources.FindKind(group, kind);
    }

    /// <summary>A test's working folder is its output; the manifests are somewhere above.</summary>
    private static string Find(string file)
    {
        if (Path.IsPathRooted(file) || File.Exists(file)) return file;
        foreach (var start in (ReadOnlySpan<string>)[Environment.CurrentDirectory, AppContext.BaseDirectory])
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (Path.Combine(folder.FullName, file) is var candidate && File.Exists(candidate)) return candidate;
        }
        throw new FileNotFoundException($"There is no {file} in {Environment.CurrentDirectory}, nor in a folder above it or above {AppContext.BaseDirectory}.", file);
    }
}
