using System.Text.Json.Nodes;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Admission;

internal enum AdmissionOperation
{
    Create,
    Update,
    Delete,
}

/// <summary>Something that may complete or refuse an object on its way into the store.</summary>
internal interface IAdmission
{
    /// <summary>Whether it has a say in writes of a part of an object; of all objects as a whole it has.</summary>
    /// <param name="part">The sub-resource; "" for the object itself.</param>
    bool Handles(string part) => part.Length == 0;

    /// <exception cref="StatusException">The object is refused.</exception>
    void Admit(AdmissionRequest request);
}

/// <param name="Object">The new object, which may be changed in place; for a deletion the object that goes.</param>
/// <param name="Old">Null for a creation.</param>
/// <param name="Outcome">What to do once it is known whether the write happened.</param>
/// <param name="Options">Who asks, and how.</param>
internal sealed record AdmissionRequest(
    AdmissionOperation Operation,
    ResourceDefinition Definition,
    string Namespace,
    string Name,
    JsonObject Object,
    JsonObject? Old,
    IStoreSnapshot Snapshot,
    WriteOutcome Outcome,
    ApiRequestOptions Options)
{
    /// <summary>The sub-resource that is written; "" for the object itself.</summary>
    public string Part { get; init; } = "";
}

/// <summary>What hangs on a write: reservations to keep when it is committed and to give back when it is not.</summary>
internal sealed class WriteOutcome
{
    private readonly List<Action> _committed = [];
    private readonly List<Action> _abandoned = [];
    private readonly List<Action> _retried = [];
    private readonly List<Mutation> _companions = [];
    private bool _decided;

    public void OnCommitted(Action action) => _committed.Add(action);

    public void OnAbandoned(Action action) => _abandoned.Add(action);

    /// <summary>Undoes what admission did to the object, when another object of the transaction was in the way and the write is tried again.</summary>
    public void OnRetry(Action action) => _retried.Add(action);

    /// <summary>What is written together with the object, or not at all.</summary>
    public IReadOnlyList<Mutation> Companions => _companions;

    public void Also(Mutation mutation) => _companions.Add(mutation);

    public void Retry()
    {
        Abandon();
        foreach (var action in _retried) action();
    }

    public void Commit() => Decide(_committed);

    /// <summary>Does nothing after <see cref="Commit"/>.</summary>
    public void Abandon() => Decide(_abandoned);

    private void Decide(List<Action> actions)
    {
        if (_decided) return;
        _decided = true;
        foreach (var action in actions) action();
    }
}
