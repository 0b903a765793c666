using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>kubectl apply --server-side, as its user sees it.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class ServerSideApplyTests(SharedCluster shared)
{
    private const string Manifest = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: shared-settings}
        data: {color: blue, size: small}
        """;

    private const string Owners = "jsonpath={range .metadata.managedFields[*]}{.manager} {.operation};{end}";
    private readonly RunningCluster _cluster = shared.Cluster;

    [Fact]
    public async Task Fields_have_owners_that_conflict_until_one_is_forced_and_go_when_they_are_applied_no_more()
    {
        (await _cluster.KubectlWithInputAsync(Manifest, "apply", "--server-side", "-f", "-")).ShouldSucceed().Output.ShouldContain("serverside-applied");
        var red = Manifest.Replace("blue", "red", StringComparison.Ordinal);

        (await _cluster.KubectlWithInputAsync(red, "apply", "--server-side", "--field-manager=painter", "-f", "-"))
            .ShouldFailWith(1, "Apply failed with 1 conflict: conflict with \"kubectl\": .data.color");
        (await _cluster.KubectlWithInputAsync(red, "apply", "--server-side", "--field-manager=painter", "--force-conflicts", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("get", "configmap", "shared-settings", "--show-managed-fields", "-o", Owners)).ShouldSucceed().Output.Trim().ShouldBe("kubectl Apply;painter Apply;");

        (await _cluster.KubectlWithInputAsync(Settings("data: {color: red}"), "apply", "--server-side", "--field-manager=painter", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlWithInputAsync(Settings(""), "apply", "--server-side", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("get", "configmap", "shared-settings", "-o", "jsonpath={.data}")).ShouldSucceed().Output.Trim().ShouldBe("""{"color":"red"}""");
        (await _cluster.KubectlAsync("get", "configmap", "shared-settings", "-o", "yaml")).ShouldSucceed().Output.ShouldNotContain("managedFields");
        (await _cluster.KubectlAsync("delete", "configmap", "shared-settings")).ShouldSucceed();
    }

    [Fact]
    public async Task What_was_applied_from_the_clients_side_goes_on_from_the_servers()
    {
        var manifest = Manifest.Replace("shared-settings", "moved-settings", StringComparison.Ordinal);
        (await _cluster.KubectlWithInputAsync(manifest, "apply", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("apply", "view-last-applied", "configmap/moved-settings")).ShouldSucceed().Output.ShouldContain("color: blue");

        (await _cluster.KubectlWithInputAsync(manifest, "apply", "--server-side", "-f", "-")).ShouldSucceed();
        var smaller = manifest.Replace(", size: small", "", StringComparison.Ordinal);
        (await _cluster.KubectlWithInputAsync(smaller, "diff", "--server-side", "-f", "-")).Output.ShouldContain("-  size: small");
        (await _cluster.KubectlWithInputAsync(smaller, "apply", "--server-side", "-f", "-")).ShouldSucceed();

        (await _cluster.KubectlAsync("get", "configmap", "moved-settings", "-o", "jsonpath={.data}")).ShouldSucceed().Output.Trim().ShouldBe("""{"color":"blue"}""");
        (await _cluster.KubectlAsync("apply", "view-last-applied", "configmap/moved-settings")).ShouldSucceed().Output.ShouldNotContain("size");
        (await _cluster.KubectlAsync("delete", "configmap", "moved-settings")).ShouldSucceed();
    }

    private static string Settings(string data) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: shared-settings}}\n{data}\n";
}
