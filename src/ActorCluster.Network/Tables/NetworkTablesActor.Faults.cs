using ActorCluster.Api.Chaos;
using ActorCluster.Network.Faults;
using Akka.Actor;

namespace ActorCluster.Network.Tables;

/// <summary>Puts a fault into the tables of this process's nodes, in the place of one of its name. Answered with <see cref="FaultsApplied"/>.</summary>
public sealed record InstallFault(Fault Fault) : INoSerializationVerificationNeeded;

/// <summary>Takes a fault out again. Answered with <see cref="FaultsApplied"/>, also if there is none of that name.</summary>
public sealed record RemoveFault(string Name) : INoSerializationVerificationNeeded;

/// <summary>The change is before every packet that the asker causes from now on.</summary>
public sealed record FaultsApplied : INoSerializationVerificationNeeded
{
    public static readonly FaultsApplied Instance = new();
}

/// <summary>Faults, asked for by messages and by NetworkChaos objects.</summary>
public sealed partial class NetworkTablesActor
{
    private readonly List<IActorRef> _askers = [];

    private void OnChaos(ChaosChanged chaos)
    {
        try
        {
            _builder.Faults.OnChaos(chaos.Old, chaos.Current);
        }
        catch (FormatException fault)
        {
            // The API refuses such objects; one that came in past it does nothing.
            _simulation.ReportFault($"reading NetworkChaos {chaos.Current?.Metadata.NamespaceProperty}/{chaos.Current?.Metadata.Name}", fault);
        }
        FollowPeers();
        PublishSoon();
    }

    private void OnInstall(InstallFault install)
    {
        _builder.Faults.Set(install.Fault);
        FaultsChanged();
    }

    private void OnRemove(RemoveFault remove)
    {
        _builder.Faults.Remove(remove.Name);
        FaultsChanged();
    }

    private void FaultsChanged()
    {
        _askers.Add(Sender);
        FollowPeers();
        PublishSoon();
    }

    private void AnswerFaults()
    {
        foreach (var asker in _askers) asker.Tell(FaultsApplied.Instance);
        _askers.Clear();
    }

    private sealed record ChaosChanged(NetworkChaos? Old, NetworkChaos? Current) : INoSerializationVerificationNeeded;
}
