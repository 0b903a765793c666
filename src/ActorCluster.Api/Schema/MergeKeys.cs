using System.Collections.Frozen;

namespace ActorCluster.Api.Schema;

/// <summary>How strategic merge patch treats the lists and objects of the built-in types: what the models' attributes don't tell.</summary>
/// <remarks>The patchStrategy and patchMergeKey of Kubernetes 1.36's types, as its OpenAPI document publishes them.</remarks>
internal static class MergeKeys
{
    private static readonly FrozenDictionary<(string Type, string Field), (string Strategy, string Key)> Table =
        new Dictionary<(string, string), (string, string)>
        {
            [("APIServiceStatus", "conditions")] = ("merge", "type"),
            [("CSINodeSpec", "drivers")] = ("merge", "name"),
            [("ComponentStatus", "conditions")] = ("merge", "type"),
            [("Container", "env")] = ("merge", "name"),
            [("Container", "ports")] = ("merge", "containerPort"),
            [("Container", "volumeDevices")] = ("merge", "devicePath"),
            [("Container", "volumeMounts")] = ("merge", "mountPath"),
            [("ContainerStatus", "allocatedResourcesStatus")] = ("merge", "name"),
            [("ContainerStatus", "volumeMounts")] = ("merge", "mountPath"),
            [("DaemonSetStatus", "conditions")] = ("merge", "type"),
            [("DeploymentSpec", "strategy")] = ("retainKeys", ""),
            [("DeploymentStatus", "conditions")] = ("merge", "type"),
            [("DeviceTaintRuleStatus", "conditions")] = ("merge", "type"),
            [("EphemeralContainer", "env")] = ("merge", "name"),
            [("EphemeralContainer", "ports")] = ("merge", "containerPort"),
            [("EphemeralContainer", "volumeDevices")] = ("merge", "devicePath"),
            [("EphemeralContainer", "volumeMounts")] = ("merge", "mountPath"),
            [("FlowSchemaStatus", "conditions")] = ("merge", "type"),
            [("HorizontalPodAutoscalerStatus", "conditions")] = ("merge", "type"),
            [("JSONSchemaProps", "x-kubernetes-validations")] = ("merge", "rule"),
            [("JobStatus", "conditions")] = ("merge", "type"),
            [("MutatingAdmissionPolicySpec", "matchConditions")] = ("merge", "name"),
            [("MutatingWebhook", "matchConditions")] = ("merge", "name"),
            [("MutatingWebhookConfiguration", "webhooks")] = ("merge", "name"),
            [("NamespaceStatus", "conditions")] = ("merge", "type"),
            [("NodeSpec", "podCIDRs")] = ("merge", ""),
            [("NodeStatus", "addresses")] = ("merge", "type"),
            [("NodeStatus", "conditions")] = ("merge", "type"),
            [("ObjectMeta", "finalizers")] = ("merge", ""),
            [("ObjectMeta", "ownerReferences")] = ("merge", "uid"),
            [("PersistentVolumeClaimStatus", "conditions")] = ("merge", "type"),
            [("PodCertificateRequestStatus", "conditions")] = ("merge", "type"),
            [("PodDisruptionBudgetSpec", "selector")] = ("replace", ""),
            [("PodDisruptionBudgetStatus", "conditions")] = ("merge", "type"),
            [("PodGroupSpec", "resourceClaims")] = ("merge,retainKeys", "name"),
            [("PodGroupStatus", "conditions")] = ("merge", "type"),
            [("PodGroupStatus", "resourceClaimStatuses")] = ("merge,retainKeys", "name"),
            [("PodGroupTemplate", "resourceClaims")] = ("merge,retainKeys", "name"),
            [("PodSpec", "containers")] = ("merge", "name"),
            [("PodSpec", "ephemeralContainers")] = ("merge", "name"),
            [("PodSpec", "hostAliases")] = ("merge", "ip"),
            [("PodSpec", "imagePullSecrets")] = ("merge", "name"),
            [("PodSpec", "initContainers")] = ("merge", "name"),
            [("PodSpec", "resourceClaims")] = ("merge,retainKeys", "name"),
            [("PodSpec", "schedulingGates")] = ("merge", "name"),
            [("PodSpec", "topologySpreadConstraints")] = ("merge", "topologyKey"),
            [("PodSpec", "volumes")] = ("merge,retainKeys", "name"),
            [("PodStatus", "conditions")] = ("merge", "type"),
            [("PodStatus", "hostIPs")] = ("merge", "ip"),
            [("PodStatus", "podIPs")] = ("merge", "ip"),
            [("PodStatus", "resourceClaimStatuses")] = ("merge,retainKeys", "name"),
            [("PriorityLevelConfigurationStatus", "conditions")] = ("merge", "type"),
            [("ReplicaSetStatus", "conditions")] = ("merge", "type"),
            [("ReplicationControllerStatus", "conditions")] = ("merge", "type"),
            [("ResourceClaimStatus", "reservedFor")] = ("merge", "uid"),
            [("ResourcePoolStatusRequestStatus", "conditions")] = ("merge", "type"),
            [("ServiceAccount", "secrets")] = ("merge", "name"),
            [("ServiceCIDRStatus", "conditions")] = ("merge", "type"),
            [("ServiceSpec", "ports")] = ("merge", "port"),
            [("ServiceStatus", "conditions")] = ("merge", "type"),
            [("StatefulSetStatus", "conditions")] = ("merge", "type"),
            [("StorageVersionMigrationStatus", "conditions")] = ("merge", "type"),
            [("ValidatingAdmissionPolicySpec", "matchConditions")] = ("merge", "name"),
            [("ValidatingAdmissionPolicySpec", "variables")] = ("merge", "name"),
            [("ValidatingWebhook", "matchConditions")] = ("merge", "name"),
            [("ValidatingWebhookConfiguration", "webhooks")] = ("merge", "name"),
        }.ToFrozenDictionary();

    /// <summary>Both empty where nothing special holds.</summary>
    public static (string Strategy, string Key) Find(string type, string field) => Table.GetValueOrDefault((type, field), ("", ""));
}
