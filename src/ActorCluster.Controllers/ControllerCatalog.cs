using ActorCluster.Controllers.Chaos;
using ActorCluster.Controllers.CronJobs;
using ActorCluster.Controllers.DaemonSets;
using ActorCluster.Controllers.Deployments;
using ActorCluster.Controllers.Disruption;
using ActorCluster.Controllers.Endpoints;
using ActorCluster.Controllers.EndpointSliceMirroring;
using ActorCluster.Controllers.EndpointSlices;
using ActorCluster.Controllers.GarbageCollection;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.LoadBalancers;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.Namespaces;
using ActorCluster.Controllers.NodeIpam;
using ActorCluster.Controllers.NodeLifecycle;
using ActorCluster.Controllers.PersistentVolumes;
using ActorCluster.Controllers.PodAutoscaling;
using ActorCluster.Controllers.PodGc;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.ReplicaSets;
using ActorCluster.Controllers.ReplicationControllers;
using ActorCluster.Controllers.ResourceQuotas;
using ActorCluster.Controllers.Scheduling;
using ActorCluster.Controllers.ServiceAccounts;
using ActorCluster.Controllers.ServiceCidrs;
using ActorCluster.Controllers.StatefulSets;
using ActorCluster.Controllers.TaintEviction;
using ActorCluster.Controllers.TtlAfterFinished;

namespace ActorCluster.Controllers;

/// <summary>All controllers there are: a new one is a folder and a line here.</summary>
internal static class ControllerCatalog
{
    public static IReadOnlyList<IReconciler> CreateAll(ControllerServices services, MetadataInformers metadata, ProcessReachability reachability) =>
    [
        new SchedulerReconciler(services),
        new NodeIpamReconciler(services),
        new NodeLifecycleReconciler(services, reachability),
        new TaintEvictionReconciler(services),
        new DeploymentReconciler(services),
        new ReplicaSetReconciler(services),
        new ReplicationControllerReconciler(services),
        new DaemonSetReconciler(services),
        new StatefulSetReconciler(services),
        new DisruptionReconciler(services, metadata),
        new StaleDisruptionReconciler(services),
        new JobReconciler(services),
        new OrphanedJobPodReconciler(services),
        new TtlAfterFinishedReconciler(services),
        new CronJobReconciler(services),
        new EndpointSliceReconciler(services),
        new EndpointsReconciler(services),
        new EndpointSliceMirroringReconciler(services),
        new LoadBalancerReconciler(services),
        new ServiceCidrReconciler(services),
        new ServiceAddressReconciler(services),
        new GarbageCollectorReconciler(services, metadata),
        new NamespaceReconciler(services, metadata),
        new ServiceAccountReconciler(services),
        new RootCaReconciler(services),
        new PodGcReconciler(services),
        new PersistentVolumeReconciler(services),
        new LocalPathProvisioner(services),
        new VolumeProtectionReconciler(services),
        new EphemeralVolumeReconciler(services),
        new ResourceQuotaReconciler(services, metadata),
        new HorizontalPodAutoscalerReconciler(services, metadata),
        new NetworkChaosReconciler(services),
        new PodChaosReconciler(services),
        new ScheduleReconciler(services),
    ];
}
