using System.Collections.Immutable;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Nodes.Pods;
using ActorCluster.Nodes.Volumes;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <summary>The emulated nodes of one process, each a child of the node's name. Started by the host as <c>WellKnown.NodesPath</c>.</summary>
/// <remarks>A node that fails is restarted: its pods' containers are gone, and it finds out from the API what it should run.</remarks>
public sealed class NodesActor : UntypedActor
{
    private readonly NodesOptions _options;
    private readonly ClusterObjects _objects;
    private readonly NodeDisks _disks;
    private readonly Dictionary<string, List<IActorRef>> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimulationGate> _gates = new(StringComparer.Ordinal);

    private NodesActor(NodesOptions options)
    {
        _options = options;
        var self = Self;
        _disks = new NodeDisks(options.Simulation.Clock, options.DiskFolder);
        _objects = new ClusterObjects(options.Api, options.Simulation, changed => self.Tell(new ReferenceChanged(changed)), Forget, node => self.Tell(new NodeSeen(node)));
    }

    public static Props Props(NodesOptions options) => Akka.Actor.Props.CreateBy(new Producer(options));

    protected override void PreStart()
    {
        foreach (var node in _options.Nodes) Add(node);
        if (_options.DiskFolder is not null) _objects.WatchVolumes();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case AddNode add: OnAdd(add); break;
            case KillNode kill: OnEnd(kill.Name, Context.Stop); break;
            case PauseNode pause: OnPause(pause.Name, pause: true); break;
            case ResumeNode resume: OnPause(resume.Name, pause: false); break;
            case SkewNode skew: OnSkew(skew); break;
            case IPodQuestion question: OnPodQuestion(question); break;
            case StopNode stop: OnEnd(stop.Name, node => node.Tell(ShutDownNode.Instance)); break;
            case GetNodes: OnGetNodes(); break;
            case ReferenceChanged changed: OnReferenceChanged(changed); break;
            case NodeSeen seen: Context.Child(seen.Node.Metadata.Name).Tell(seen); break;
            case Terminated terminated: OnTerminated(terminated.ActorRef.Path.Name); break;
            default: Unhandled(message); break;
        }
    }

    // Also a node that fails while it starts is tried again: the default would give it up.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Restart);

    protected override void PostStop()
    {
        _disks.Close();
        _ = DisposeObjectsAsync();
    }

    private async Task DisposeObjectsAsync()
    {
        try
        {
            await _objects.DisposeAsync();
        }
        catch (Exception fault)
        {
            _options.Simulation.ReportFault("ending the nodes' watches", fault);
        }
    }

    private void OnAdd(AddNode add)
    {
        if (!Context.Child(add.Node.Name).IsNobody()) Sender.Tell(new Status.Failure(new InvalidOperationException($"Node {add.Node.Name} runs already.")));
        else Sender.Tell(new NodeAdded(add.Node.Name, Add(add.Node)));
    }

    private IActorRef Add(NodeOptions node)
    {
        var options = _options;
        if (_options.CanPause)
        {
            var gate = new SimulationGate(_options.Simulation) { Skew = _gates.TryGetValue(node.Name, out var before) ? before.Skew : default };
            _gates[node.Name] = gate;
            options = _options with { Simulation = gate.Context };
        }
        return Context.Watch(Context.ActorOf(NodeActor.Props(node, options, _objects, _disks), node.Name));
    }

    private void OnGetNodes()
    {
        ImmutableArray<string> names = [.. Context.GetChildren().Select(child => child.Path.Name).Order(StringComparer.Ordinal)];
        Sender.Tell(new HostedNodes(names, [.. names.Where(name => _gates.TryGetValue(name, out var gate) && gate.IsClosed)]));
    }

    private void OnPause(string name, bool pause)
    {
        if (Context.Child(name) is not IInternalActorRef node || node.IsNobody() || !_gates.TryGetValue(name, out var gate))
        {
            Sender.Tell(new Status.Failure(new InvalidOperationException($"Node {name} doesn't run here, or can't be paused.")));
            return;
        }
        if (gate.IsClosed != pause)
        {
            if (pause)
            {
                gate.Close();
                node.Suspend();
            }
            else
            {
                node.Resume(null);
                gate.Open();
            }
        }
        Sender.Tell(new NodePaused(name, pause));
    }

    private void OnSkew(SkewNode skew)
    {
        if (!_gates.TryGetValue(skew.Name, out var gate))
        {
            Sender.Tell(new Status.Failure(new InvalidOperationException($"There has been no node {skew.Name} here, or its clock can't be set.")));
            return;
        }
        gate.Skew = skew.Skew;
        Sender.Tell(new NodeSkewed(skew.Name, skew.Skew));
    }

    private void OnPodQuestion(IPodQuestion question)
    {
        var node = Context.Child(question.Node);
        if (node.IsNobody()) Sender.Tell(PodNetwork.None);
        else node.Forward(question);
    }

    private void OnEnd(string name, Action<IActorRef> end)
    {
        var node = Context.Child(name);
        // Who is stopped hears of nothing; SIGKILL ends it all the same.
        if (_gates.TryGetValue(name, out var gate) && gate.IsClosed)
        {
            (node as IInternalActorRef)?.Resume(null);
            gate.Open();
        }
        if (node.IsNobody())
        {
            Sender.Tell(new NodeStopped(name));
            return;
        }
        if (!_waiting.TryGetValue(name, out var waiting)) _waiting[name] = waiting = [];
        waiting.Add(Sender);
        end(node);
    }

    private void OnTerminated(string name)
    {
        if (!_waiting.Remove(name, out var waiting)) return;
        foreach (var asker in waiting) asker.Tell(new NodeStopped(name));
    }

    /// <summary>A volume's data goes with it. Only those that were made for a claim have a folder of their own.</summary>
    private void Forget(V1PersistentVolume volume)
    {
        if (volume.Spec.HostPath?.Path is not { } path || !path.StartsWith(WellKnown.LocalPathFolder + "/", StringComparison.Ordinal)) return;
        try
        {
            if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete") _disks.Remove(path);
        }
        catch (FileFaultException fault)
        {
            _options.Simulation.ReportFault($"removing {path}", fault);
        }
    }

    private static void OnReferenceChanged(ReferenceChanged changed)
    {
        foreach (var node in Context.GetChildren()) node.Tell(changed);
    }

    private sealed class Producer(NodesOptions options) : IIndirectActorProducer
    {
        public Type ActorType => typeof(NodesActor);

        public ActorBase Produce() => new NodesActor(options);

        public void Release(ActorBase actor)
        {
            // PostStop has done it.
        }
    }
}
