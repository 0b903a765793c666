using System.Text;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.Contracts.Tests.Client;

public class LeaseReaderTests
{
    private const string Usual = """
        {"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":"worker-1","namespace":"kube-node-lease","uid":"8d5b1c4e","resourceVersion":"42","creationTimestamp":"2026-01-01T00:00:02Z",
        "ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"worker-1","uid":"77"}],"managedFields":[{"manager":"worker-1","operation":"Update","fieldsV1":{"f:spec":{}}}]},
        "spec":{"holderIdentity":"worker-1","leaseDurationSeconds":40,"renewTime":"2026-01-01T00:00:12.000123Z"}}
        """;

    [Fact]
    public void A_lease_is_read_as_the_models_serializer_reads_it()
    {
        var lease = LeaseReader.TryRead(Encoding.UTF8.GetBytes(Usual)).ShouldNotBeNull();
        var theirs = KubernetesJson.Deserialize<V1Lease>(Usual);
        theirs.Metadata.ManagedFields = null;
        KubernetesJson.Serialize(lease).ShouldBe(KubernetesJson.Serialize(theirs));
        (lease.Spec.RenewTime, lease.Spec.RenewTime?.Kind).ShouldBe((theirs.Spec.RenewTime, DateTimeKind.Utc));
        lease.Metadata.CreationTimestamp.ShouldBe(theirs.Metadata.CreationTimestamp);
    }

    [Theory]
    [InlineData("\"holderIdentity\":\"worker-1\"", "\"preferredHolder\":\"a\"")]
    [InlineData("\"holderIdentity\":\"worker-1\"", "\"leaseTransitions\":1")]
    [InlineData("\"holderIdentity\":\"worker-1\"", "\"holderIdentity\":null")]
    [InlineData("00:00:12.000123Z", "00:00:12.5+01:00")]
    [InlineData("\"leaseDurationSeconds\":40", "\"leaseDurationSeconds\":4e1")]
    [InlineData("\"kind\":\"Node\"", "\"controller\":true")]
    [InlineData("\"resourceVersion\":\"42\"", "\"labels\":{}")]
    [InlineData("\"kind\":\"Lease\"", "\"status\":{}")]
    public void What_is_out_of_the_ordinary_is_left_to_it(string usual, string other)
    {
        Usual.ShouldContain(usual);
        LeaseReader.TryRead(Encoding.UTF8.GetBytes(Usual.Replace(usual, other, StringComparison.Ordinal))).ShouldBeNull();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("""{"metadata":{"ownerReferences":[1]}}""")]
    [InlineData("""{"metadata":[]}""")]
    public void What_is_no_lease_is_none(string text) => LeaseReader.TryRead(Encoding.UTF8.GetBytes(text)).ShouldBeNull();
}
