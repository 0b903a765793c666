using System.Text;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;
using k8s;
using k8s.Models;

namespace ActorCluster.Contracts.Tests.Client;

public class RenewedDocumentTests
{
    private const string Lease = """
        {"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":"worker-1","namespace":"kube-node-lease","uid":"8d5b","resourceVersion":"REVISION","creationTimestamp":"2026-01-01T00:00:02Z",
        "ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"worker-1","uid":"77"}]},"spec":{"holderIdentity":"worker-1","leaseDurationSeconds":40,"renewTime":"2026-01-01T00:00:TIME.000123Z"}}
        """;

    private const string Node = """
        {"kind":"Node","apiVersion":"v1","metadata":{"name":"worker-1","uid":"77","resourceVersion":"REVISION","labels":{"a":"b"}},"spec":{"podCIDR":"10.0.0.0/24"},"status":{"capacity":{"cpu":"4"},"conditions":[
        {"type":"MemoryPressure","status":"False","lastHeartbeatTime":"2026-01-01T00:00:TIMEZ","lastTransitionTime":"2026-01-01T00:00:02Z"},
        {"type":"Other","status":"False","lastHeartbeatTime":"2026-01-01T00:00:02Z"},{"type":"Ready","status":"True","lastHeartbeatTime":"2026-01-01T00:00:TIMEZ","lastTransitionTime":"2026-01-01T00:00:02Z"}]}}
        """;

    [Fact]
    public void A_renewed_lease_is_what_its_bytes_say()
    {
        var change = Change(Lease, Of(Lease));
        var before = KubernetesDocument.Read<V1Lease>(change.Previous!.Json);
        var renewed = LeaseReader.TryRenew(before, change).ShouldNotBeNull();
        KubernetesJson.Serialize(renewed).ShouldBe(KubernetesJson.Serialize(KubernetesDocument.Read<V1Lease>(change.Current!.Json)));
        renewed.Spec.RenewTime.ShouldBe(new DateTime(2026, 1, 1, 0, 0, 22, 0, 123, DateTimeKind.Utc));
        KubernetesJson.Serialize(before).ShouldBe(KubernetesJson.Serialize(KubernetesDocument.Read<V1Lease>(change.Previous.Json)));
    }

    [Fact]
    public void A_node_whose_conditions_were_heard_of_again_is_what_its_bytes_say()
    {
        var change = Change(Node, Of(Node));
        var before = KubernetesDocument.Read<V1Node>(change.Previous!.Json);
        var renewed = NodeRenewal.TryApply(before, change).ShouldNotBeNull();
        KubernetesJson.Serialize(renewed).ShouldBe(KubernetesJson.Serialize(KubernetesDocument.Read<V1Node>(change.Current!.Json)));
        renewed.Status.Conditions[2].LastHeartbeatTime.ShouldBe(new DateTime(2026, 1, 1, 0, 0, 22, DateTimeKind.Utc));
        KubernetesJson.Serialize(before).ShouldBe(KubernetesJson.Serialize(KubernetesDocument.Read<V1Node>(change.Previous.Json)));
    }

    [Fact]
    public void Who_missed_a_change_reads_all_of_the_object()
    {
        var lease = Change(Lease, Of(Lease));
        LeaseReader.TryRenew(KubernetesDocument.Read<V1Lease>(Encoding.UTF8.GetBytes(Written(Lease, 7, 2))), lease).ShouldBeNull();
        var node = Change(Node, Of(Node));
        NodeRenewal.TryApply(KubernetesDocument.Read<V1Node>(Encoding.UTF8.GetBytes(Written(Node, 7, 2))), node).ShouldBeNull();
    }

    [Fact]
    public void What_is_not_known_to_be_a_renewal_is_read()
    {
        var lease = Change(Lease, null);
        LeaseReader.TryRenew(KubernetesDocument.Read<V1Lease>(lease.Previous!.Json), lease).ShouldBeNull();
        KubernetesDocument.ReadShared(lease.Current!.Json, KubernetesDocument.Read<V1Lease>(lease.Previous.Json), lease).Spec.RenewTime!.Value.Second.ShouldBe(22);
        var node = Change(Node, new Renewal { Conditions = [("Unknown", ^20..^0)] });
        NodeRenewal.TryApply(KubernetesDocument.Read<V1Node>(node.Previous!.Json), node).ShouldBeNull();
    }

    private static string Written(string text, int revision, int second) =>
        text.Replace("REVISION", $"{revision}", StringComparison.Ordinal).Replace("TIME", $"{second:00}", StringComparison.Ordinal);

    /// <summary>From revision 9 to revision 10: the bytes get longer.</summary>
    private static StoreChange Change(string text, Renewal? renewal)
    {
        var key = new ObjectKey(new ResourceName("", "things"), "", "worker-1");
        StoredObject At(int revision, int second) => new(key, revision, ObjectHeader.Empty, Encoding.UTF8.GetBytes(Written(text, revision, second)));
        return new StoreChange(10, At(9, 12), At(10, 22) with { Renewal = renewal });
    }

    private static Renewal Of(string text)
    {
        var written = Written(text, 10, 22);
        if (text == Lease) return new Renewal { Heartbeat = Place("2026-01-01T00:00:22.000123Z", 0) };
        return new Renewal { Conditions = [("Ready", Place("2026-01-01T00:00:22Z", written.IndexOf("\"Ready", StringComparison.Ordinal))), ("MemoryPressure", Place("2026-01-01T00:00:22Z", 0))] };

        Range Place(string time, int from)
        {
            var fromEnd = written.Length - written.IndexOf(time, from, StringComparison.Ordinal);
            return ^fromEnd..^(fromEnd - time.Length);
        }
    }
}
