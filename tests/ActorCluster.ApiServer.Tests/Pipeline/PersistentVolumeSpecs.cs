using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class PersistentVolumeSpecs
{
    private const string Claims = "persistentvolumeclaims";
    private const string Volumes = "persistentvolumes";

    [Fact]
    public async Task A_claim_may_be_bound_once_and_a_bound_one_may_be_asked_to_grow()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Claims, "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}");
        const string refusal = "PersistentVolumeClaim \"c\" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        const string grow = """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""";

        TestApi.Refused(await api.PatchAsync(Claims, "c", grow), 422).GetString("message").ShouldBe(refusal);
        TestApi.Good(await api.PatchAsync(Claims, "c", """{"spec":{"volumeName":"disk"}}"""));
        TestApi.Refused(await api.PatchAsync(Claims, "c", """{"spec":{"volumeName":"other"}}"""), 422).GetString("message").ShouldBe(refusal);
        TestApi.Good(await api.PatchAsync(Claims, "c", """{"status":{"phase":"Bound"}}""", subresource: "status"));
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
}
