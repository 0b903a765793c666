using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Resources;

namespace ActorCluster.Api.Tests.Resources;

/// <summary>What a Service's policy, families and addresses make of each other (the cases of upstream's storage_test.go).</summary>
public sealed class ServiceFamilySpecs
{
    private const string Both = "IPv4,IPv6";

    [Theory]
    // cluster | type, clusterIPs, headless without selector | asked: policy, families | expected: policy, families
    [InlineData(Both, "", "", "", "SingleStack", "IPv4")]
    [InlineData("IPv6,IPv4", "", "", "", "SingleStack", "IPv6")]
    [InlineData(Both, "", "PreferDualStack", "", "PreferDualStack", "IPv4,IPv6")]
    [InlineData(Both, "", "RequireDualStack", "", "RequireDualStack", "IPv4,IPv6")]
    [InlineData(Both, "", "RequireDualStack", "IPv6", "RequireDualStack", "IPv6,IPv4")]
    [InlineData(Both, "", "PreferDualStack", "IPv6,IPv4", "PreferDualStack", "IPv6,IPv4")]
    [InlineData(Both, "", "", "IPv6", "SingleStack", "IPv6")]
    [InlineData("IPv4", "", "PreferDualStack", "", "PreferDualStack", "IPv4")]
    [InlineData(Both, "fd00:10:96::5", "", "", "SingleStack", "IPv6")]
    [InlineData(Both, "fd00:10:96::5", "PreferDualStack", "", "PreferDualStack", "IPv6,IPv4")]
    [InlineData(Both, "10.96.0.5,fd00:10:96::5", "RequireDualStack", "", "RequireDualStack", "IPv4,IPv6")]
    [InlineData(Both, "None", "", "", "RequireDualStack", "IPv4,IPv6")]
    [InlineData("IPv4", "None", "", "", "RequireDualStack", "IPv4,IPv6")]
    [InlineData("IPv4", "None", "SingleStack", "IPv6", "SingleStack", "IPv6")]
    public void A_new_service_is_completed(string cluster, string ips, string policy, string families, string expectedPolicy, string expectedFamilies)
    {
        var spec = Spec(ips, policy, families);
        var errors = new FieldErrors();

        new ServiceFamilies([.. cluster.Split(',')]).Complete(spec, null, errors);

        errors.All.Select(e => e.ToString()).ShouldBeEmpty();
        spec.GetString("ipFamilyPolicy").ShouldBe(expectedPolicy);
        string.Join(',', spec.GetStrings("ipFamilies")).ShouldBe(expectedFamilies);
    }

    [Theory]
    [InlineData("IPv4", "", "RequireDualStack", "", "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services")]
    [InlineData("IPv4", "", "", "IPv6", "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster")]
    [InlineData("IPv4", "fd00::1", "", "", "spec.clusterIPs[0]: Invalid value: [\"fd00::1\"]: IPv6 is not configured on this cluster")]
    [InlineData(Both, "", "", "IPv4,IPv6", "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified")]
    [InlineData(Both, "10.96.0.5,fd00::5", "SingleStack", "", "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified")]
    [InlineData(Both, "10.96.0.5", "", "IPv6", "spec.clusterIPs[0]: Invalid value: \"10.96.0.5\": expected an IPv6 value as indicated by `ipFamilies[0]`")]
    [InlineData(Both, "fd00::5", "", "IPv4", "spec.clusterIPs[0]: Invalid value: \"fd00::5\": expected an IPv4 value as indicated by `ipFamilies[0]`")]
    [InlineData(Both, "10.96.0.5,10.96.0.6", "RequireDualStack", "", "spec.clusterIPs: Invalid value: [\"10.96.0.5\",\"10.96.0.6\"]: may specify no more than one IP for each IP family")]
    [InlineData(Both, "None,10.96.0.6", "", "", "spec.clusterIPs: Invalid value: [\"None\",\"10.96.0.6\"]: 'None' must be the first and only value")]
    [InlineData(Both, "10.96.0.5,None", "", "", "spec.clusterIPs[1]: Invalid value: \"None\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData(Both, "", "Sometimes", "", "spec.ipFamilyPolicy: Unsupported value: \"Sometimes\": supported values: \"PreferDualStack\", \"RequireDualStack\", \"SingleStack\"")]
    [InlineData(Both, "", "PreferDualStack", "IPv4,IPv4", "spec.ipFamilies[1]: Duplicate value: \"IPv4\"")]
    [InlineData(Both, "", "", "IPv5", "spec.ipFamilies[0]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\"")]
    public void What_does_not_fit_is_refused(string cluster, string ips, string policy, string families, string error)
    {
        var errors = new FieldErrors();

        new ServiceFamilies([.. cluster.Split(',')]).Complete(Spec(ips, policy, families), null, errors);

        errors.All.Select(e => e.ToString()).ShouldBe([error]);
    }

    [Fact]
    public void An_external_name_has_no_families()
    {
        var spec = new JsonObject { ["type"] = "ExternalName" };
        ServiceFamilies.DualStack.Complete(spec, null, new FieldErrors());
        spec.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("10.96.0.5", "SingleStack", "IPv4", "10.96.0.5", "PreferDualStack", "IPv4", "IPv4,IPv6", "10.96.0.5")]
    [InlineData("10.96.0.5", "SingleStack", "IPv4", "10.96.0.5", "RequireDualStack", "IPv4", "IPv4,IPv6", "10.96.0.5")]
    [InlineData("10.96.0.5,fd00::5", "RequireDualStack", "IPv4,IPv6", "10.96.0.5,fd00::5", "SingleStack", "IPv4,IPv6", "IPv4", "10.96.0.5")]
    [InlineData("10.96.0.5,fd00::5", "PreferDualStack", "IPv4,IPv6", "10.96.0.5,fd00::5", "SingleStack", "IPv4,IPv6", "IPv4", "10.96.0.5")]
    [InlineData("10.96.0.5", "PreferDualStack", "IPv4", "10.96.0.5", "PreferDualStack", "IPv4", "IPv4", "10.96.0.5")]
    public void An_update_adds_and_takes_back_what_the_policy_says(
        string oldIps, string oldPolicy, string oldFamilies, string ips, string policy, string families, string expectedFamilies, string expectedIps)
    {
        var spec = Spec(ips, policy, families);
        var errors = new FieldErrors();

        ServiceFamilies.DualStack.Complete(spec, Spec(oldIps, oldPolicy, oldFamilies), errors);

        errors.All.Select(e => e.ToString()).ShouldBeEmpty();
        string.Join(',', spec.GetStrings("ipFamilies")).ShouldBe(expectedFamilies);
        string.Join(',', spec.GetStrings("clusterIPs")).ShouldBe(expectedIps);
    }

    [Fact]
    public void A_second_address_goes_only_when_the_policy_says_so()
    {
        var errors = new FieldErrors();

        ServiceFamilies.DualStack.Complete(Spec("10.96.0.5", "PreferDualStack", "IPv4"), Spec("10.96.0.5,fd00::5", "PreferDualStack", Both), errors);

        errors.All.Select(e => e.ToString()).ShouldBe(
        [
            "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to release the secondary cluster IP",
            "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to release the secondary IP family",
        ]);
    }

    private static JsonObject Spec(string ips, string policy, string families)
    {
        var spec = new JsonObject { ["type"] = "ClusterIP" };
        if (ips.Length > 0)
        {
            spec["clusterIP"] = ips.Split(',')[0];
            spec["clusterIPs"] = JsonDocuments.ArrayOf(ips.Split(','));
        }
        if (policy.Length > 0) spec["ipFamilyPolicy"] = policy;
        if (families.Length > 0) spec["ipFamilies"] = JsonDocuments.ArrayOf(families.Split(','));
        return spec;
    }
}
