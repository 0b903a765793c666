using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using ActorCluster.Api.Validation;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.InProcess;
using ActorCluster.Host.Logging;
using ActorCluster.Nodes.Agent;
using ActorCluster.TestKit.Api;
using ActorCluster.TestKit.Faults;
using ActorCluster.TestKit.Images;
using ActorCluster.TestKit.Networking;
using ActorCluster.TestKit.Objects;
using ActorCluster.TestKit.Reports;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.TestKit;

/// <summary>
/// A whole cluster that belongs to one test: in its process, in memory, with nothing shared. On virtual time (the default) nothing happens in it but while the test waits for
/// something of it, and each call ends when all is quiet; so one seed gives one run. Dispose of it to end it.
/// </summary>
public sealed partial class TestCluster : IAsyncDisposable
{
    private readonly InProcessCluster _cluster;
    private readonly ConcurrentQueue<string> _faults;
    private ImmutableList<string> _nodeNames;
    private InMemoryApi? _api;
    private bool _disposed;

    private TestCluster(InProcessCluster cluster, SimulationContext simulation, TestClusterOptions options, PacketJournal journal, ConcurrentQueue<string> faults)
    {
        _cluster = cluster;
        _faults = faults;
        _nodeNames = [.. cluster.NodeNames];
        Simulation = simulation;
        Options = options;
        Clock = new ClusterClock(simulation);
        Images = new ClusterImages(cluster.Images, simulation);
        Client = new KubeClient(new LoopApi(this, cluster.Api), "test");
        Network = new ClusterNetwork(this, journal);
        Faults = new ClusterFaults(this);
        ControlPlane = new ControlPlaneHandle(this);
    }

    /// <summary>How it was started.</summary>
    public TestClusterOptions Options { get; }

    /// <summary>The cluster's time.</summary>
    public ClusterClock Clock { get; }

    /// <summary>What its pods' images are.</summary>
    public ClusterImages Images { get; }

    /// <summary>Its packets.</summary>
    public ClusterNetwork Network { get; }

    /// <summary>Its API server and controllers, as one process.</summary>
    public ControlPlaneHandle ControlPlane { get; }

    /// <summary>What goes wrong in its network, on purpose.</summary>
    public ClusterFaults Faults { get; }

    /// <summary>The Kubernetes API, typed, without HTTP.</summary>
    public KubeClient Client { get; }

    /// <summary>Its nodes, whether they run now or not: those that it was started with, worker-1 and so on, and those that were added.</summary>
    public IReadOnlyList<string> NodeNames => _nodeNames;

    /// <summary>The number that decides every chance in this cluster; <see cref="TestClusterOptions.Seed"/> takes it.</summary>
    public int Seed => Simulation.Random.Seed;

    /// <summary>A kubeconfig for the cluster's API over HTTPS, for kubectl and client libraries.</summary>
    /// <exception cref="InvalidOperationException">The cluster wasn't started with <see cref="TestClusterOptions.Https"/>.</exception>
    public string KubeConfig => _cluster.Kubeconfig ?? throw new InvalidOperationException("The cluster's API listens nowhere: start it with Https = true.");

    /// <summary>What went wrong inside the cluster without anybody having been told, such as an exception in a controller.</summary>
    public IReadOnlyCollection<string> Errors => _faults;

    internal InProcessCluster Inner => _cluster;

    internal SimulationContext Simulation { get; }

    internal TimeSpan Patience => Options.EffectivePatience;

    internal ClusterReporter Reporter => new(this);

    /// <summary>Starts a cluster; returns when all its nodes are Ready, and its DNS answers.</summary>
    /// <exception cref="ClusterAssertionException">They did not become so in time; the message says which.</exception>
    public static Task<TestCluster> StartAsync(int nodes, CancellationToken cancellationToken = default) => StartAsync(new TestClusterOptions { Nodes = nodes }, cancellationToken);

    /// <inheritdoc cref="StartAsync(int, CancellationToken)"/>
    public static async Task<TestCluster> StartAsync(TestClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TestClusterOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Nodes, nameof(options));
        var seed = options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        ConcurrentQueue<string> faults = new();
        var loop = options.Time == ClusterTime.Virtual ? new SimulationLoop($"cluster-{seed}", options.Start, fault => faults.Enqueue(fault.ToString())) : null;
        try
        {
            var simulation = loop?.Context(seed) ?? SimulationContext.RealTime(seed);
            var journal = new PacketJournal(simulation.Clock.GetUtcNow(), options.LogPackets);
            var inProcess = await OnLoopAsync(loop, () => InProcessCluster.StartAsync(
                new InProcessOptions
                {
                    ClusterName = "test",
                    Nodes = [.. Enumerable.Range(1, options.Nodes).Select(node => $"worker-{node}")],
                    ApiPort = options.Https ? 0 : null,
                    Outside = options.Outside,
                    PacketObserver = journal.Add,
                    CanPause = true,
                    Settings = new ControlPlaneSettings { Timings = options.EffectiveTimings, ClusterDns = options.ClusterDns, UseProcessReachability = false },
                },
                simulation,
                new ProcessLog(options.Log ?? TextWriter.Null, simulation.Clock, faults.Enqueue),
                cancellationToken));
            var cluster = new TestCluster(inProcess, simulation, options, journal, faults);
            try
            {
                await cluster.UntilReadyAsync();
                return cluster;
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }
        catch
        {
            loop?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The official client, without connections: all that is plain requests and watches (exec, attach and port-forward want a connection: <see cref="KubeConfig"/>). Time passes while a
    /// request waits, not for a watch. Dispose of it before the cluster.
    /// </summary>
    public async Task<k8s.Kubernetes> CreateKubernetesClientAsync()
    {
        _api ??= await InMemoryApi.StartAsync(this);
        // Its own time limit goes by the machine's clock.
        return new k8s.Kubernetes(new k8s.KubernetesClientConfiguration { Host = "http://in-memory", HttpClientTimeout = Timeout.InfiniteTimeSpan }, _api.CreateHandler());
    }

    /// <summary>
    /// Runs a piece of the test inside the cluster's own loop, where what it does at the same time (Task.WhenAll, background work) has its place in the one order of all that happens, and
    /// so in the replay. It must not hold the thread: only await.
    /// </summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work) => OnLoopAsync(Simulation.Loop, work);

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public Task RunAsync(Func<Task> work) => OnLoopAsync(Simulation.Loop, async () =>
    {
        await work();
        return true;
    });

    public PodHandle Pod(string name, string ns = "default") => new(this, ns, name);

    /// <param name="name">One of <see cref="NodeNames"/>.</param>
    public NodeHandle Node(string name) => new(this, name);

    /// <summary>Starts a node that the cluster hasn't had yet. It becomes Ready a little later.</summary>
    /// <param name="name">A DNS label: lower-case letters, digits and '-'.</param>
    /// <param name="cpu">What it has to give, as a quantity of Kubernetes.</param>
    /// <param name="memory">Likewise.</param>
    /// <param name="labels">On top of those that every node has.</param>
    /// <exception cref="ArgumentException">The name is none, or a node has it already.</exception>
    public NodeHandle AddNode(string name, string cpu = "8", string memory = "16Gi", IReadOnlyDictionary<string, string>? labels = null)
    {
        if (Names.Dns1123Label(name).FirstOrDefault() is { } fault) throw new ArgumentException($"'{name}' is not a node name: {fault}", nameof(name));
        if (_nodeNames.Contains(name)) throw new ArgumentException($"There is a node {name} already; Node(\"{name}\").Start() starts it when it doesn't run.", nameof(name));
        RunAndWait(() => _cluster.Nodes.Ask<NodeAdded>(NodeHandle.Addition(name, cpu, memory, labels)));
        ImmutableInterlocked.Update(ref _nodeNames, static (names, added) => names.Add(added), name);
        return Node(name);
    }

    public DeploymentHandle Deployment(string name, string ns = "default") => new(this, ns, name);

    public StatefulSetHandle StatefulSet(string name, string ns = "default") => new(this, ns, name);

    public DaemonSetHandle DaemonSet(string name, string ns = "default") => new(this, ns, name);

    public JobHandle Job(string name, string ns = "default") => new(this, ns, name);

    public CronJobHandle CronJob(string name, string ns = "default") => new(this, ns, name);

    public ServiceHandle Service(string name, string ns = "default") => new(this, ns, name);

    /// <summary>Any object of the official models' types.</summary>
    /// <param name="ns">"" for what lives in no namespace.</param>
    public ObjectHandle<T> Object<T>(string name, string ns = "default") where T : class, k8s.IKubernetesObject<V1ObjectMeta> => new(this, ns, name);

    /// <summary>Starts a pod whose network is an actor, such as Akka's TestProbe; returns when the pod is ready.</summary>
    /// <remarks>The actor is outside of the cluster's loop: hold time while it is to answer (<see cref="ClusterClock.Pause"/>), or whoever asked it may time out first.</remarks>
    /// <param name="actor">Gets each packet that comes to the pod; its answer to the sender leaves from the pod.</param>
    public Task<ProbePod> StartProbePodAsync(IActorRef actor, string name, string ns = "default", IReadOnlyDictionary<string, string>? labels = null) =>
        ProbePod.StartAsync(this, actor, ns, name, labels);

    /// <summary>Ends all of it, and waits until it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        _api?.Dispose();
        await OnLoopAsync(Simulation.Loop, async () =>
        {
            await _cluster.DisposeAsync();
            return true;
        });
        Simulation.Loop?.Dispose();
    }

    internal static Task<T> OnLoopAsync<T>(SimulationLoop? loop, Func<Task<T>> work) => loop is null ? work() : loop.RunAsync(work);

    /// <summary>Part of something that the test waits for, on the cluster's loop.</summary>
    internal Task<T> JoinAsync<T>(Func<Task<T>> work) => Simulation.Loop is { } loop ? loop.JoinAsync(work) : work();

    internal T RunAndWait<T>(Func<Task<T>> work) => Simulation.Loop is { } loop ? loop.RunAndWait(work) : Task.Run(work).GetAwaiter().GetResult();

    /// <exception cref="ClusterAssertionException">The cluster has no such node; the message has those that it has.</exception>
    internal void RequireNode(string name)
    {
        if (_nodeNames.Contains(name)) return;
        throw new ClusterAssertionException($"There is no node {name}; there {(_nodeNames.Count == 0 ? "are none" : $"{(_nodeNames.Count == 1 ? "is" : "are")} {string.Join(", ", _nodeNames)}")}.");
    }

    private async Task UntilReadyAsync()
    {
        foreach (var node in NodeNames) await Node(node).ShouldBeReadyAsync();
        if (Options.ClusterDns && NodeNames.Count > 0) await Deployment("coredns", "kube-system").ShouldBeAvailableAsync();
    }
}
