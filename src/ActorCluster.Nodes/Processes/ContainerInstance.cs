using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Logs;

namespace ActorCluster.Nodes.Processes;

/// <summary>One run of a container: its files and processes, its streams, its log. Safe for concurrent use.</summary>
internal sealed class ContainerInstance
{
    public ContainerInstance(string id, IContainer container, ContainerLog log, AttachedInput? stdin, Terminal? terminal, bool stdinOnce)
    {
        Id = id;
        Container = container;
        Log = log;
        Stdin = stdin;
        Terminal = terminal;
        StdinOnce = stdinOnce;
        var attachedOnce = stdin is not null && stdinOnce;
        Stdout = new ContainerOutput(log, StreamChannel.Stdout, attachedOnce);
        Stderr = new ContainerOutput(log, StreamChannel.Stderr, attachedOnce);
    }

    public string Id { get; }
    public IContainer Container { get; }
    public ContainerLog Log { get; }
    public ContainerOutput Stdout { get; }
    public ContainerOutput Stderr { get; }

    /// <summary>Null unless the spec asks for stdin.</summary>
    public AttachedInput? Stdin { get; }

    /// <summary>Null unless the spec asks for a terminal.</summary>
    public Terminal? Terminal { get; }

    public bool StdinOnce { get; }

    /// <summary>What it wrote until now is in somebody's hands: see <see cref="ContainerOutput.Forget"/>.</summary>
    public void ForgetOutput()
    {
        Stdout.Forget();
        Stderr.Forget();
    }

    /// <summary>The main process; null until it is started.</summary>
    public IProcess? Main { get; private set; }

    /// <exception cref="ProgramNotFoundException">The container has no such program.</exception>
    public IProcess Start() => Main = Container.Start(new ContainerStreams(Stdin, Stdout, Stderr, Terminal));

    /// <summary>Ends whatever processes there still are. The log stays readable.</summary>
    public void End(SimulationContext simulation)
    {
        Stdin?.Abandon();
        Log.Complete();
        _ = EndAsync(simulation);
    }

    private async Task EndAsync(SimulationContext simulation)
    {
        try
        {
            await Container.DisposeAsync();
        }
        catch (Exception fault)
        {
            simulation.ReportFault($"ending container {Id}", fault);
        }
    }
}
