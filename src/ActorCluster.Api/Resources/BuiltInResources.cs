using System.Collections.Immutable;
using ActorCluster.Api.AdmissionRegistration;
using ActorCluster.Api.ApiRegistration;
using ActorCluster.Api.Certificates;
using ActorCluster.Api.Chaos;
using ActorCluster.Api.CustomResources;
using ActorCluster.Api.Devices;
using ActorCluster.Api.FlowControl;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Storage;

namespace ActorCluster.Api.Resources;

/// <summary>The resources that every server has; a new one is a file and a line here.</summary>
public static class BuiltInResources
{
    public static ImmutableArray<ResourceDefinition> All { get; } =
    [
        NamespaceResource.Definition,
        NodeResource.Definition,
        PodResource.Definition,
        PodTemplateResource.Definition,
        ServiceResource.Definition,
        EndpointsResource.Definition,
        EndpointSliceResource.Definition,
        ConfigMapResource.Definition,
        SecretResource.Definition,
        ServiceAccountResource.Definition,
        ResourceQuotaResource.Definition,
        EventResource.Definition,
        EventResource.NewGroupDefinition,
        LeaseResource.Definition,
        LimitRangeResource.Definition,
        PriorityClassResource.Definition,
        RuntimeClassResource.Definition,
        PodDisruptionBudgetResource.Definition,
        PersistentVolumeClaimResource.Definition,
        PersistentVolumeResource.Definition,
        StorageClassResource.Definition,
        DeploymentResource.Definition,
        ReplicaSetResource.Definition,
        ReplicationControllerResource.Definition,
        JobResource.Definition,
        CronJobResource.Definition,
        DaemonSetResource.Definition,
        StatefulSetResource.Definition,
        ControllerRevisionResource.Definition,
        NetworkPolicyResource.Definition,
        IngressResource.Definition,
        IngressClassResource.Definition,
        ServiceCidrResource.Definition,
        IpAddressResource.Definition,
        HorizontalPodAutoscalerResource.Definition,
        ComponentStatusResource.Definition,
        MetricsResources.Pods,
        MetricsResources.Nodes,
        ReviewResources.TokenReview,
        ReviewResources.SelfSubjectReview,
        ReviewResources.SubjectAccessReview,
        ReviewResources.LocalSubjectAccessReview,
        ReviewResources.SelfSubjectAccessReview,
        ReviewResources.SelfSubjectRulesReview,
        RbacResources.Role,
        RbacResources.ClusterRole,
        RbacResources.RoleBinding,
        RbacResources.ClusterRoleBinding,
        ChaosResources.NetworkChaos,
        ChaosResources.PodChaos,
        ChaosResources.Schedule,
        FlowControlResources.FlowSchema,
        FlowControlResources.PriorityLevelConfiguration,
        AdmissionRegistrationResources.ValidatingWebhookConfiguration,
        AdmissionRegistrationResources.MutatingWebhookConfiguration,
        AdmissionRegistrationResources.ValidatingAdmissionPolicy,
        AdmissionRegistrationResources.ValidatingAdmissionPolicyBinding,
        AdmissionRegistrationResources.MutatingAdmissionPolicy,
        AdmissionRegistrationResources.MutatingAdmissionPolicyBinding,
        DefinitionResource.Definition,
        ApiServiceResource.Definition,
        CertificateSigningRequestResource.Definition,
        StorageResources.CsiDriver,
        StorageResources.CsiNode,
        StorageResources.CsiStorageCapacity,
        StorageResources.VolumeAttachment,
        StorageResources.VolumeAttributesClass,
        DeviceResources.DeviceClass,
        DeviceResources.ResourceClaim,
        DeviceResources.ResourceClaimTemplate,
        DeviceResources.ResourceSlice,
    ];
}
