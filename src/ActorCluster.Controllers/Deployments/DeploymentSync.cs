using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>One pass over one Deployment: carries out what <see cref="Rollout"/> and <see cref="DeploymentProgress"/> say, and writes the status.</summary>
internal sealed class DeploymentSync(
    ControllerServices services, KubeClient client, EventRecorder events, V1Deployment cached, Action<string, string?> wrote)
{
    /// <summary>Distinguishes replica sets from the deployment itself in the names of what was written.</summary>
    public const string ReplicaSetPrefix = "rs:";

    private V1Deployment _deployment = cached with
    {
        Status = (cached.Status ?? new V1DeploymentStatus()) with { Conditions = DeploymentProgress.PauseConditions(cached, services.Now) },
    };

    private string Namespace => cached.Metadata.NamespaceProperty;

    public async Task<ReconcileResult> RunAsync(
        IReadOnlyList<V1ReplicaSet> sets, Func<V1ReplicaSet, IEnumerable<V1Pod>> podsOf, CancellationToken cancellationToken)
    {
        var family = ReplicaSetFamily.Of(_deployment, sets);
        if (cached.Metadata.DeletionTimestamp is not null) return await WriteStatusAsync(family, judgeProgress: false, cancellationToken);

        family = await SyncNewAsync(family, cancellationToken);
        if (_deployment.Spec.Paused == true || Rollout.IsScalingEvent(_deployment, family))
        {
            foreach (var step in Rollout.ScaleProportionally(_deployment, family)) family = await ScaleAsync(family, step, cancellationToken);
            if (_deployment.Spec.Paused == true) await CleanUpAsync(family, cancellationToken);
            return await WriteStatusAsync(family, judgeProgress: false, cancellationToken);
        }

        family = RollingBounds.IsRollingUpdate(_deployment)
            ? await RollAsync(family, cancellationToken)
            : await RecreateAsync(family, podsOf, cancellationToken);
        return await WriteStatusAsync(family, judgeProgress: true, cancellationToken);
    }

    private async Task<ReplicaSetFamily> RollAsync(ReplicaSetFamily family, CancellationToken cancellationToken)
    {
        family = await EnsureNewAsync(family, cancellationToken);
        var current = family.New!;
        var size = Rollout.NewReplicas(_deployment, family.All, current.Spec.Replicas ?? 1);
        if (size != (current.Spec.Replicas ?? 1)) return await ScaleAsync(family, new ScaleStep(current, size), cancellationToken);
        var shrink = Rollout.ShrinkOld(_deployment, current, family.ActiveOld);
        foreach (var step in shrink) family = await ScaleAsync(family, step, cancellationToken);
        if (shrink.Count == 0 && DeploymentProgress.IsComplete(_deployment, _deployment.Status)) await CleanUpAsync(family, cancellationToken);
        return family;
    }

    private async Task<ReplicaSetFamily> RecreateAsync(
        ReplicaSetFamily family, Func<V1ReplicaSet, IEnumerable<V1Pod>> podsOf, CancellationToken cancellationToken)
    {
        if (family.ActiveOld.Count > 0)
        {
            foreach (var set in family.ActiveOld) family = await ScaleAsync(family, new ScaleStep(set, 0), cancellationToken);
            return family;
        }

        if (Rollout.OldPodsRunning(family, podsOf)) return family;
        family = await EnsureNewAsync(family, cancellationToken);
        family = await ScaleAsync(family, new ScaleStep(family.New!, RollingBounds.Replicas(_deployment)), cancellationToken);
        if (DeploymentProgress.IsComplete(_deployment, _deployment.Status)) await CleanUpAsync(family, cancellationToken);
        return family;
    }

    /// <summary>Brings an existing new replica set's annotations, and the deployment's revision, up to date.</summary>
    private async Task<ReplicaSetFamily> SyncNewAsync(ReplicaSetFamily family, CancellationToken cancellationToken)
    {
        if (family.New is not { } current) return family;
        var annotations = ReplicaSetAnnotations.ForNew(_deployment, current.Metadata.Annotations, family.MaxOldRevision + 1, exists: true);
        var minReady = _deployment.Spec.MinReadySeconds ?? 0;
        if (!ReplicaSetAnnotations.Same(annotations, current.Metadata.Annotations) || (current.Spec.MinReadySeconds ?? 0) != minReady)
        {
            var updated = await UpdateSetAsync(current with
            {
                Metadata = current.Metadata with { Annotations = annotations },
                Spec = current.Spec with { MinReadySeconds = minReady },
            }, cancellationToken);
            family = Replace(family, updated);
            current = updated;
        }

        if (current.Metadata.Annotations?.TryGetValue(ReplicaSetAnnotations.Revision, out var revision) == true) await SetRevisionAsync(revision, cancellationToken);
        if (DeploymentProgress.HasDeadline(_deployment)
            && DeploymentConditions.Find(_deployment.Status.Conditions, DeploymentConditions.Progressing) is null)
            SetProgressing("True", DeploymentConditions.FoundNewReplicaSet, $"Found new replica set \"{current.Metadata.Name}\"");
        return family;
    }

    private async Task<ReplicaSetFamily> EnsureNewAsync(ReplicaSetFamily family, CancellationToken cancellationToken)
    {
        if (family.New is not null) return family;
        var hash = TemplateHash.Of(_deployment.Spec.Template, _deployment.Status.CollisionCount);
        var revision = family.MaxOldRevision + 1;
        var wanted = NewReplicaSet(family, hash, revision);
        V1ReplicaSet created;
        try
        {
            created = await client.CreateAsync(wanted, cancellationToken);
        }
        catch (ApiStatusException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
        {
            var present = await client.GetAsync<V1ReplicaSet>(Namespace, wanted.Metadata.Name, cancellationToken);
            if (present is not null && Owners.IsControlledBy(present, _deployment) && ReplicaSetFamily.Of(_deployment, [present]).New is not null)
                return family with { New = present };
            // Another template with the same hash: count the collision, so that the next attempt gets another name.
            var collisions = (_deployment.Status.CollisionCount ?? 0) + 1;
            await WriteAsync((cached.Status ?? new V1DeploymentStatus()) with { CollisionCount = collisions }, cancellationToken);
            throw;
        }
        catch (ApiStatusException refused) when (!NamespaceTermination.IsCauseOf(refused))
        {
            var message = $"Failed to create new replica set \"{wanted.Metadata.Name}\": {refused.Message}";
            events.Record(cached, "Warning", DeploymentConditions.ReplicaSetCreateError, message);
            if (DeploymentProgress.HasDeadline(_deployment))
            {
                SetProgressing("False", DeploymentConditions.ReplicaSetCreateError, message);
                await WriteAsync(_deployment.Status, cancellationToken);
            }

            throw;
        }

        wrote(ReplicaSetPrefix + ObjectNames.Join(Namespace, created.Metadata.Name), created.Metadata.ResourceVersion);
        if (created.Spec.Replicas > 0) events.Record(cached, "Normal", "ScalingReplicaSet", $"Scaled up replica set {created.Metadata.Name} from 0 to {created.Spec.Replicas}");
        await SetRevisionAsync(revision.ToString(CultureInfo.InvariantCulture), cancellationToken);
        if (DeploymentProgress.HasDeadline(_deployment))
            SetProgressing("True", DeploymentConditions.NewReplicaSetCreated, $"Created new replica set \"{created.Metadata.Name}\"");
        return family with { New = created };
    }

    private V1ReplicaSet NewReplicaSet(ReplicaSetFamily family, string hash, long revision)
    {
        var template = _deployment.Spec.Template;
        var labels = WithHash(template.Metadata?.Labels, hash);
        return new V1ReplicaSet
        {
            ApiVersion = ApiVersions.Apps,
            Kind = "ReplicaSet",
            Metadata = new V1ObjectMeta
            {
                Name = TemplateHash.NameOf(_deployment.Metadata.Name, hash),
                NamespaceProperty = Namespace,
                Labels = labels,
                Annotations = ReplicaSetAnnotations.ForNew(_deployment, null, revision, exists: false),
                OwnerReferences = [OwnerKind.Deployment.Reference(_deployment)],
            },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = Rollout.NewReplicas(_deployment, family.Old, 0),
                MinReadySeconds = _deployment.Spec.MinReadySeconds ?? 0,
                Selector = _deployment.Spec.Selector with { MatchLabels = WithHash(_deployment.Spec.Selector.MatchLabels, hash) },
                Template = template with { Metadata = (template.Metadata ?? new V1ObjectMeta()) with { Labels = labels } },
            },
        };
    }

    private static Dictionary<string, string> WithHash(IDictionary<string, string>? labels, string hash) =>
        new(labels ?? new Dictionary<string, string>()) { [ReplicaSetFamily.TemplateHashLabel] = hash };

    private async Task<ReplicaSetFamily> ScaleAsync(ReplicaSetFamily family, ScaleStep step, CancellationToken cancellationToken)
    {
        var before = step.Set.Spec.Replicas ?? 1;
        var annotations = ReplicaSetAnnotations.WithReplicas(step.Set.Metadata.Annotations, _deployment);
        if (before == step.Replicas && ReplicaSetAnnotations.Same(annotations, step.Set.Metadata.Annotations)) return family;
        var updated = await UpdateSetAsync(step.Set with
        {
            Metadata = step.Set.Metadata with { Annotations = annotations },
            Spec = step.Set.Spec with { Replicas = step.Replicas },
        }, cancellationToken);
        if (before != step.Replicas)
        {
            events.Record(cached, "Normal", "ScalingReplicaSet",
                $"Scaled {(before < step.Replicas ? "up" : "down")} replica set {updated.Metadata.Name} from {before} to {step.Replicas}");
        }

        return Replace(family, updated);
    }

    private async Task<V1ReplicaSet> UpdateSetAsync(V1ReplicaSet set, CancellationToken cancellationToken)
    {
        var updated = await client.UpdateAsync(set, ct: cancellationToken);
        wrote(ReplicaSetPrefix + ObjectNames.Join(Namespace, updated.Metadata.Name), updated.Metadata.ResourceVersion);
        return updated;
    }

    private async Task SetRevisionAsync(string revision, CancellationToken cancellationToken)
    {
        if (_deployment.Metadata.Annotations is { } annotations && annotations.TryGetValue(ReplicaSetAnnotations.Revision, out var present) && present == revision) return;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = cached.Metadata.Uid, ["annotations"] = new JsonObject { [ReplicaSetAnnotations.Revision] = revision } },
        };
        if (await client.PatchAsync<V1Deployment>(Namespace, cached.Metadata.Name, patch, ct: cancellationToken) is not { } updated) return;
        wrote(ObjectNames.Join(Namespace, cached.Metadata.Name), updated.Metadata.ResourceVersion);
        _deployment = _deployment with { Metadata = updated.Metadata };
    }

    /// <summary>Deletes old replica sets beyond the revision history limit.</summary>
    private async Task CleanUpAsync(ReplicaSetFamily family, CancellationToken cancellationToken)
    {
        if (_deployment.Spec.RevisionHistoryLimit is not { } limit || limit == int.MaxValue) return;
        var cleanable = family.Old.Where(set => set.Metadata.DeletionTimestamp is null).OrderBy(set => ReplicaSetFamily.RevisionOf(set) ?? 0).ToList();
        foreach (var set in cleanable.Take(cleanable.Count - limit))
        {
            var stillUsed = (set.Status?.Replicas ?? 0) != 0 || (set.Spec.Replicas ?? 1) != 0
                || (set.Metadata.Generation ?? 0) > (set.Status?.ObservedGeneration ?? 0);
            if (!stillUsed) await client.DeleteAsync<V1ReplicaSet>(Namespace, set.Metadata.Name, ct: cancellationToken);
        }
    }

    private async Task<ReconcileResult> WriteStatusAsync(ReplicaSetFamily family, bool judgeProgress, CancellationToken cancellationToken)
    {
        var now = services.Now;
        var status = DeploymentProgress.Calculate(_deployment, family, now);
        if (judgeProgress) status = DeploymentProgress.WithProgress(_deployment, family, status, now);
        await WriteAsync(status, cancellationToken);
        return new ReconcileResult(judgeProgress ? DeploymentProgress.NextCheck(_deployment, status, now) : null);
    }

    private async Task WriteAsync(V1DeploymentStatus status, CancellationToken cancellationToken)
    {
        if (DeploymentProgress.Same(cached.Status, status)) return;
        var updated = await client.UpdateAsync(_deployment with { Status = status }, "status", cancellationToken);
        wrote(ObjectNames.Join(Namespace, updated.Metadata.Name), updated.Metadata.ResourceVersion);
    }

    private void SetProgressing(string status, string reason, string message) => _deployment = _deployment with
    {
        Status = _deployment.Status with
        {
            Conditions = DeploymentConditions.Set(
                _deployment.Status.Conditions, DeploymentConditions.New(DeploymentConditions.Progressing, status, reason, message, services.Now)),
        },
    };

    private static ReplicaSetFamily Replace(ReplicaSetFamily family, V1ReplicaSet updated) =>
        family.New?.Metadata.Name == updated.Metadata.Name
            ? family with { New = updated }
            : new ReplicaSetFamily(family.New, [.. family.Old.Select(set => set.Metadata.Name == updated.Metadata.Name ? updated : set)]);
}
