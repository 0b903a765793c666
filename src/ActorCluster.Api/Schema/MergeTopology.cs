using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ActorCluster.Api.Schema;

/// <summary>How managers share the lists and objects of the built-in types, and which objects are always there: what the models' attributes don't tell.</summary>
/// <remarks>
/// The +listType, +listMapKey, +structType and +mapType markers of Kubernetes 1.36's types, as its OpenAPI documents publish them, and the
/// <c>default: {}</c> of the 3.0 ones, which stands where Go has a struct instead of a pointer. Lists that aren't named are atomic.
/// </remarks>
internal static class MergeTopology
{
    private static readonly FrozenDictionary<(string Type, string Field), ImmutableArray<string>> Keyed =
        new Dictionary<(string, string), ImmutableArray<string>>
        {
            [("AllocatedDeviceStatus", "conditions")] = ["type"],
            [("APIServiceStatus", "conditions")] = ["type"],
            [("CSINodeSpec", "drivers")] = ["name"],
            [("CertificateSigningRequestStatus", "conditions")] = ["type"],
            [("ComponentStatus", "conditions")] = ["type"],
            [("Container", "env")] = ["name"],
            [("Container", "ports")] = ["containerPort", "protocol"],
            [("Container", "volumeDevices")] = ["devicePath"],
            [("Container", "volumeMounts")] = ["mountPath"],
            [("ContainerStatus", "allocatedResourcesStatus")] = ["name"],
            [("ContainerStatus", "volumeMounts")] = ["mountPath"],
            [("CustomResourceDefinitionStatus", "conditions")] = ["type"],
            [("DaemonSetStatus", "conditions")] = ["type"],
            [("DeploymentStatus", "conditions")] = ["type"],
            [("DeviceTaintRuleStatus", "conditions")] = ["type"],
            [("EphemeralContainer", "env")] = ["name"],
            [("EphemeralContainer", "ports")] = ["containerPort", "protocol"],
            [("EphemeralContainer", "volumeDevices")] = ["devicePath"],
            [("EphemeralContainer", "volumeMounts")] = ["mountPath"],
            [("FlowSchemaStatus", "conditions")] = ["type"],
            [("HorizontalPodAutoscalerStatus", "conditions")] = ["type"],
            [("JSONSchemaProps", "x-kubernetes-validations")] = ["rule"],
            [("MutatingAdmissionPolicySpec", "matchConditions")] = ["name"],
            [("MutatingWebhook", "matchConditions")] = ["name"],
            [("MutatingWebhookConfiguration", "webhooks")] = ["name"],
            [("NamespaceStatus", "conditions")] = ["type"],
            [("NodeStatus", "addresses")] = ["type"],
            [("NodeStatus", "conditions")] = ["type"],
            [("ObjectMeta", "ownerReferences")] = ["uid"],
            [("PersistentVolumeClaimStatus", "conditions")] = ["type"],
            [("PodCertificateRequestStatus", "conditions")] = ["type"],
            [("PodDisruptionBudgetStatus", "conditions")] = ["type"],
            [("PodSpec", "containers")] = ["name"],
            [("PodSpec", "ephemeralContainers")] = ["name"],
            [("PodSpec", "hostAliases")] = ["ip"],
            [("PodSpec", "imagePullSecrets")] = ["name"],
            [("PodSpec", "initContainers")] = ["name"],
            [("PodSpec", "resourceClaims")] = ["name"],
            [("PodSpec", "schedulingGates")] = ["name"],
            [("PodSpec", "topologySpreadConstraints")] = ["topologyKey", "whenUnsatisfiable"],
            [("PodSpec", "volumes")] = ["name"],
            [("PodStatus", "conditions")] = ["type"],
            [("PodStatus", "podIPs")] = ["ip"],
            [("PodStatus", "resourceClaimStatuses")] = ["name"],
            [("PriorityLevelConfigurationStatus", "conditions")] = ["type"],
            [("ReplicaSetStatus", "conditions")] = ["type"],
            [("ReplicationControllerStatus", "conditions")] = ["type"],
            [("ResourceClaimStatus", "devices")] = ["driver", "device", "pool", "shareID"],
            [("ResourceClaimStatus", "reservedFor")] = ["uid"],
            [("ResourceRequirements", "claims")] = ["name"],
            [("ResourceStatus", "resources")] = ["resourceID"],
            [("ServiceAccount", "secrets")] = ["name"],
            [("ServiceCIDRStatus", "conditions")] = ["type"],
            [("ServiceSpec", "ports")] = ["port", "protocol"],
            [("ServiceStatus", "conditions")] = ["type"],
            [("StatefulSetStatus", "conditions")] = ["type"],
            [("StorageVersionMigrationStatus", "conditions")] = ["type"],
            [("StorageVersionStatus", "conditions")] = ["type"],
            [("StorageVersionStatus", "storageVersions")] = ["apiServerID"],
            [("ValidatingAdmissionPolicySpec", "matchConditions")] = ["name"],
            [("ValidatingAdmissionPolicySpec", "variables")] = ["name"],
            [("ValidatingAdmissionPolicyStatus", "conditions")] = ["type"],
            [("ValidatingWebhook", "matchConditions")] = ["name"],
            [("ValidatingWebhookConfiguration", "webhooks")] = ["name"],
        }.ToFrozenDictionary();

    private static readonly FrozenSet<(string Type, string Field)> Sets =
    [
        ("CSIDriverSpec", "volumeLifecycleModes"),
        ("ContainerRestartRuleOnExitCodes", "values"),
        ("Endpoint", "addresses"),
        ("NodeAllocatableResourceClaimStatus", "containers"),
        ("NodeSpec", "podCIDRs"),
        ("NonResourcePolicyRule", "nonResourceURLs"),
        ("NonResourcePolicyRule", "verbs"),
        ("ObjectMeta", "finalizers"),
        ("PodFailurePolicyOnExitCodesRequirement", "values"),
        ("ResourcePolicyRule", "apiGroups"),
        ("ResourcePolicyRule", "namespaces"),
        ("ResourcePolicyRule", "resources"),
        ("ResourcePolicyRule", "verbs"),
        ("ServerStorageVersion", "decodableVersions"),
        ("ServerStorageVersion", "servedVersions"),
        ("UncountedTerminatedPods", "failed"),
        ("UncountedTerminatedPods", "succeeded"),
        ("ValidatingAdmissionPolicyBindingSpec", "validationActions"),
    ];

    private static readonly FrozenDictionary<(string Type, string Field), Merging> Maps =
        new Dictionary<(string, string), Merging>
        {
            [("PersistentVolumeClaimStatus", "allocatedResourceStatuses")] = Merging.Granular,
            [("PersistentVolumeSpec", "claimRef")] = Merging.Granular,
            [("PodSpec", "nodeSelector")] = Merging.Atomic,
            [("ReplicationControllerSpec", "selector")] = Merging.Atomic,
            [("Scheduling", "nodeSelector")] = Merging.Atomic,
            [("ServiceSpec", "selector")] = Merging.Atomic,
        }.ToFrozenDictionary();

    private static readonly FrozenSet<string> AtomicTypes =
    [
        "ConfigMapKeySelector", "CrossVersionObjectReference", "EndpointAddress", "EndpointPort", "FileKeySelector", "LabelSelector", "LocalObjectReference", "MatchResources",
        "NamedRuleWithOperations", "NodeSelector", "NodeSelectorTerm", "ObjectFieldSelector", "ObjectReference", "OwnerReference", "ParamKind", "ParamRef", "ResourceFieldSelector",
        "RoleRef", "ScopeSelector", "SecretKeySelector", "SecretReference", "ServiceBackendPort", "Subject", "TopologySelectorTerm", "TypedLocalObjectReference", "Variable",
    ];

    /// <summary>Models that share their Kubernetes name with an atomic type and aren't atomic.</summary>
    private static readonly FrozenSet<string> GranularModels = ["V2CrossVersionObjectReference", "Flowcontrolv1Subject"];

    private static readonly FrozenSet<string> InlineFields =
    [
        "acceptedNames", "backend", "clientConfig", "conditions", "current", "daemonEndpoints", "deprecatedSource", "describedObject", "devices", "involvedObject", "jobTemplate",
        "kubeletEndpoint", "lastState", "limitResponse", "loadBalancer", "metadata", "metric", "names", "nodeInfo", "podAffinityTerm", "podSelector", "pool", "port", "preference",
        "preferredVersion", "priorityLevelConfiguration", "regarding", "resource", "resources", "roleRef", "scaleTargetRef", "schedulingPolicy", "source", "spec", "state", "status",
        "strategy", "taint", "target", "template", "updateStrategy", "user", "userInfo",
    ];

    /// <summary>Lists that Go writes even where they are nil.</summary>
    private static readonly FrozenSet<(string Type, string Field)> InlineLists = [("PodSpec", "containers"), ("CSINodeSpec", "drivers"), ("Endpoint", "addresses")];

    private static readonly FrozenSet<(string Type, string Field)> Pointers =
    [
        ("WebhookConversion", "clientConfig"), ("NetworkPolicyPeer", "podSelector"), ("IngressBackend", "resource"), ("MetricSpec", "resource"), ("MetricStatus", "resource"),
        ("ContainerStatus", "resources"), ("PodSpec", "resources"), ("PodStatus", "resources"), ("CustomResourceSubresources", "status"), ("ResourcePoolStatusRequest", "status"),
        ("ReplicationControllerSpec", "template"), ("ContainerStatus", "user"), ("Subject", "user"),
    ];

    /// <summary>Keys with a value of their own where an element leaves them out; the others have the zero of their type.</summary>
    private static readonly FrozenDictionary<(string Type, string Field), string> Defaults =
        new Dictionary<(string, string), string>
        {
            [("ContainerPort", "protocol")] = "TCP",
            [("ServicePort", "protocol")] = "TCP",
        }.ToFrozenDictionary();

    /// <summary>A key that tells apart by being absent.</summary>
    private static readonly FrozenSet<(string Type, string Field)> WithoutDefault = [("AllocatedDeviceStatus", "shareID")];

    /// <param name="model">The model's own name, e.g. V1LabelSelector.</param>
    public static bool IsAtomic(string type, string model) => AtomicTypes.Contains(type) && !GranularModels.Contains(model);

    /// <summary>The field with what is known of its sharing.</summary>
    public static FieldSchema Describe(string type, FieldSchema field) => field with
    {
        Merging = MergingOf(type, field.Name),
        ListKeys = Keyed.GetValueOrDefault((type, field.Name), []),
        Default = DefaultOf(type, field),
        // Empty, it asks to forget everybody.
        KeepsEmpty = type == "ObjectMeta" && field.Name == "managedFields",
        IsInline = field.Type.Kind == SchemaKind.Object
            ? InlineFields.Contains(field.Name) && !Pointers.Contains((type, field.Name))
            : InlineLists.Contains((type, field.Name)),
    };

    private static Merging? MergingOf(string type, string field)
    {
        if (Keyed.ContainsKey((type, field))) return Merging.Keyed;
        if (Sets.Contains((type, field))) return Merging.Set;
        return Maps.TryGetValue((type, field), out var map) ? map : null;
    }

    private static JsonNode? DefaultOf(string type, FieldSchema field)
    {
        if (Defaults.TryGetValue((type, field.Name), out var value)) return value;
        if (WithoutDefault.Contains((type, field.Name))) return null;
        return field.Type.Kind switch
        {
            SchemaKind.String => "",
            SchemaKind.Int32 or SchemaKind.Int64 => 0L,
            _ => null,
        };
    }
}
