using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.InProcess;
using ActorCluster.Host.Logging;
using k8s;
using k8s.Models;

namespace ActorCluster.TestKit;

/// <summary>A whole cluster that belongs to one test: in its process, in memory, with nothing shared. Dispose of it to end it.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly InProcessCluster _cluster;
    private readonly SimulationContext _simulation;
    private readonly TimeSpan _patience;

    private TestCluster(InProcessCluster cluster, SimulationContext simulation, TimeSpan patience)
    {
        _cluster = cluster;
        _simulation = simulation;
        _patience = patience;
        Client = new KubeClient(cluster.Api, "test");
    }

    /// <summary>The Kubernetes API, typed.</summary>
    public KubeClient Client { get; }

    public IReadOnlyList<string> NodeNames => _cluster.NodeNames;

    /// <summary>The number that decides every chance in this cluster; <see cref="TestClusterOptions.Seed"/> takes it.</summary>
    public int Seed => _simulation.Random.Seed;

    /// <summary>Starts a cluster; returns when all its nodes are Ready.</summary>
    /// <exception cref="TimeoutException">They did not become Ready in time; the message says which.</exception>
    public static async Task<TestCluster> StartAsync(int nodes = 1, TestClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nodes);
        options ??= new TestClusterOptions();
        var simulation = SimulationContext.RealTime(options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        var inProcess = await InProcessCluster.StartAsync(
            new InProcessOptions
            {
                ClusterName = "test",
                Nodes = [.. Enumerable.Range(1, nodes).Select(node => $"worker-{node}")],
                Settings = new ControlPlaneSettings { Timings = options.Timings, ClusterDns = options.ClusterDns },
            },
            simulation,
            options.Log is { } log ? new ProcessLog(log, simulation.Clock) : ProcessLog.None,
            cancellationToken);
        var cluster = new TestCluster(inProcess, simulation, options.Patience);
        try
        {
            foreach (var node in cluster.NodeNames) await cluster.WaitForAsync<V1Node>("", node, IsReady, cancellationToken: cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates the objects of a YAML file; of those that exist already, changes what the file says.</summary>
    /// <exception cref="ApiStatusException">The API refuses one of them.</exception>
    public async Task ApplyAsync(string file, CancellationToken cancellationToken = default) =>
        await ApplyYamlAsync(await File.ReadAllTextAsync(file, cancellationToken), cancellationToken);

    /// <summary>The same from text.</summary>
    /// <exception cref="ApiStatusException">The API refuses one of them.</exception>
    public async Task ApplyYamlAsync(string yaml, CancellationToken cancellationToken = default)
    {
        foreach (var item in KubernetesYaml.LoadAllFromString(yaml))
            await ApplyOneAsync((IKubernetesObject<V1ObjectMeta>)item, cancellationToken);
    }

    /// <summary>Waits until an object is there and is as wanted.</summary>
    /// <param name="ns">"" for what lives in no namespace.</param>
    /// <param name="within">Null: the cluster's own patience.</param>
    /// <returns>The object as it was then.</returns>
    /// <exception cref="TimeoutException">It never was; the message has the condition and the object's last state.</exception>
    public async Task<T> WaitForAsync<T>(
        string ns, string name, Func<T, bool> condition, TimeSpan? within = null,
        [CallerArgumentExpression(nameof(condition))] string what = "", CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var found = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var informer = new Informer<T>(_cluster.Api, _simulation, ns, fieldSelector: $"metadata.name={name}");
        informer.Changed += (_, current) =>
        {
            if (current is not null && condition(current)) found.TrySetResult(current);
        };
        informer.Start();
        try
        {
            return await found.Task.WaitAsync(within ?? _patience, _simulation.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            var last = informer.Get(ns, name);
            throw new TimeoutException(
                $"{typeof(T).Name} {(ns.Length == 0 ? name : $"{ns}/{name}")} did not come to {what} within {(within ?? _patience).TotalSeconds} s (seed {Seed}). "
                + (last is null ? "There is no such object." : $"Its last state: {Encoding.UTF8.GetString(KubernetesDocument.Write(last))}"));
        }
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private async Task ApplyOneAsync(IKubernetesObject<V1ObjectMeta> item, CancellationToken cancellationToken)
    {
        var type = KubernetesType.Of(item.GetType());
        var ns = item.Metadata.NamespaceProperty ?? (_cluster.Resources.Find(type.Resource) is { Namespaced: false } ? "" : "default");
        var body = KubernetesDocument.Write(item);
        var answer = await _cluster.Api.SendAsync(new ApiRequest(ApiVerb.Create, type.Resource, ns, Body: body), cancellationToken);
        if (answer.StatusCode == 409)
            answer = await _cluster.Api.SendAsync(
                new ApiRequest(ApiVerb.Patch, type.Resource, ns, item.Metadata.Name, Body: body, PatchType: PatchType.Merge), cancellationToken);
        if (!answer.IsSuccess) throw ApiStatusException.From(answer.StatusCode, answer.Body);
    }

    private static bool IsReady(V1Node node) => node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false;
}
