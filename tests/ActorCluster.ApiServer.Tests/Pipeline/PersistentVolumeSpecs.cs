using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class PersistentVolumeSpecs
{
    private const string Claims = "persistentvolumeclaims";
    private const string Volumes = "persistentvolumes";
    private const string Classes = "storageclasses.storage.k8s.io";

    [Fact]
    public async Task A_claim_may_be_bound_once_and_a_bound_one_may_be_asked_to_grow()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Claims, "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: elastic, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}");
        const string refusal = "PersistentVolumeClaim \"c\" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        const string grow = """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""";

        TestApi.Refused(await api.PatchAsync(Claims, "c", grow), 422).GetString("message").ShouldBe(refusal);
        TestApi.Good(await api.PatchAsync(Claims, "c", """{"spec":{"volumeName":"disk"}}"""));
        TestApi.Refused(await api.PatchAsync(Claims, "c", """{"spec":{"volumeName":"other"}}"""), 422).GetString("message").ShouldBe(refusal);
        TestApi.Good(await api.PatchAsync(Claims, "c", """{"status":{"phase":"Bound"}}""", subresource: "status"));
        TestApi.Refused(await api.PatchAsync(Claims, "c", grow), 403).GetString("message").ShouldBe(
            "persistentvolumeclaims \"c\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        await api.CreatedAsync(Classes, "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: elastic}, provisioner: example.com/disks, allowVolumeExpansion: true}");
        TestApi.Good(await api.PatchAsync(Claims, "c", grow)).TextAt("spec", "resources", "requests", "storage").ShouldBe("2Gi");
    }

    [Fact]
    public async Task Where_a_volume_is_stays()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Volumes, "{apiVersion: v1, kind: PersistentVolume, metadata: {name: disk}, spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /a}}}");
        TestApi.Good(await api.PatchAsync(Volumes, "disk", """{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}"""));
        TestApi.Refused(await api.PatchAsync(Volumes, "disk", """{"spec":{"hostPath":{"path":"/b"}}}"""), 422)
            .GetString("message").ShouldBe("PersistentVolume \"disk\" is invalid: spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation");
    }

    [Fact]
    public async Task A_claim_without_a_class_gets_the_newest_default_one_and_claims_and_volumes_are_protected()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var name in (string[])["older", "newer"])
        {
            await api.CreatedAsync(Classes, $"{{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {{name: {name}, annotations: {{storageclass.kubernetes.io/is-default-class: 'true'}}}}, provisioner: example.com/disks}}");
            api.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        var claim = await api.CreatedAsync(Claims, "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}");
        (claim.TextAt("spec", "storageClassName"), string.Join(',', ObjectMetadata.Of(claim).Finalizers)).ShouldBe(("newer", "kubernetes.io/pvc-protection"));
        var none = await api.CreatedAsync(Claims, "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: none}, spec: {storageClassName: '', accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}");
        none.TextAt("spec", "storageClassName").ShouldBe("");
        var volume = await api.CreatedAsync(Volumes, "{apiVersion: v1, kind: PersistentVolume, metadata: {name: disk}, spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /a}}}");
        ObjectMetadata.Of(volume).Finalizers.ShouldBe(["kubernetes.io/pv-protection"]);
    }

    [Fact]
    public async Task A_storage_class_is_defaulted_checked_and_stays_what_it_is()
    {
        await using var api = await TestApi.StartAsync();
        var made = await api.CreatedAsync(Classes, "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: slow}, provisioner: example.com/disks}");
        (made.GetString("reclaimPolicy"), made.GetString("volumeBindingMode")).ShouldBe(("Delete", "Immediate"));
        TestApi.Refused(await api.PatchAsync(Classes, "slow", """{"reclaimPolicy":"Retain"}"""), 422).GetString("message").ShouldBe(
            "StorageClass.storage.k8s.io \"slow\" is invalid: reclaimPolicy: Invalid value: \"Retain\": field is immutable");
        TestApi.Refused(await api.CreateAsync(Classes, "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: odd}, reclaimPolicy: Recycle}"), 422).GetString("message").ShouldBe(
            "StorageClass.storage.k8s.io \"odd\" is invalid: [provisioner: Required value, reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\"]");
    }

    [Fact]
    public async Task A_StatefulSet_keeps_its_claim_templates_and_containers_may_mount_them()
    {
        await using var api = await TestApi.StartAsync();
        var set = await api.CreatedAsync("statefulsets.apps", """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              serviceName: db
              selector: {matchLabels: {app: db}}
              template:
                metadata: {labels: {app: db}}
                spec: {containers: [{name: main, image: nginx, volumeMounts: [{name: data, mountPath: /data}]}]}
              volumeClaimTemplates:
              - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
            """);
        var template = set.GetObject("spec").GetObjects("volumeClaimTemplates").Single();
        (template.GetString("kind"), template.TextAt("spec", "volumeMode"), template.TextAt("status", "phase")).ShouldBe(("PersistentVolumeClaim", "Filesystem", "Pending"));
        set.At("spec", "template", "spec", "volumes").ShouldBeNull();
        TestApi.Refused(await api.PatchAsync("statefulsets.apps", "db", """{"spec":{"volumeClaimTemplates":[]}}"""), 422);
    }
}
