using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class ServiceAccountAdmissionSpecs
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    [Theory]
    [InlineData("", "", true)]
    [InlineData("automountServiceAccountToken: false", "", false)]
    [InlineData("", "automountServiceAccountToken: false", false)]
    [InlineData("automountServiceAccountToken: false", "automountServiceAccountToken: true", true)]
    [InlineData("automountServiceAccountToken: true", "automountServiceAccountToken: false", false)]
    public async Task Credentials_are_mounted_unless_the_pod_or_else_its_account_says_no(string account, string pod, bool mounted)
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("serviceaccounts", $"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: robot}}\n{account}\n");
        var made = await api.CreatedAsync("pods",
            $"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  serviceAccountName: robot\n  {pod}\n  initContainers: [{{name: i, image: nginx}}]\n  containers: [{{name: c, image: nginx}}]\n");
        var spec = made.GetObject("spec")!;
        var volumes = spec.GetObjects("volumes").Select(volume => volume.GetString("name")!).ToArray();
        volumes.Length.ShouldBe(mounted ? 1 : 0);
        foreach (var container in spec.GetObjects("initContainers").Concat(spec.GetObjects("containers")))
        {
            container.GetObjects("volumeMounts").Select(mount => (mount.GetString("name"), mount.GetString("mountPath"), mount.GetBoolean("readOnly")))
                .ShouldBe(volumes.Select(volume => ((string?)volume, (string?)MountPath, (bool?)true)));
        }
    }

    [Fact]
    public async Task What_a_pod_mounts_there_itself_stays()
    {
        await using var api = await TestApi.StartAsync();
        var made = await api.CreatedAsync("pods",
            $"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  volumes: [{{name: own, emptyDir: {{}}}}]\n  containers: [{{name: c, image: nginx, volumeMounts: [{{name: own, mountPath: {MountPath}}}]}}]\n");
        made.GetObject("spec").GetObjects("volumes").ShouldHaveSingleItem().GetString("name").ShouldBe("own");
    }

    [Fact]
    public async Task A_pod_that_is_copied_keeps_the_one_volume()
    {
        await using var api = await TestApi.StartAsync();
        var made = await api.CreatedAsync("pods", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: nginx}]}\n");
        var copy = new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = new JsonObject { ["name"] = "copy" }, ["spec"] = made["spec"]!.DeepClone(),
        };
        var again = await api.CreatedAsync("pods", copy.ToJsonString());
        again["spec"]!["volumes"].SameAs(made["spec"]!["volumes"]).ShouldBeTrue();
        again["spec"]!["containers"].SameAs(made["spec"]!["containers"]).ShouldBeTrue();
    }
}
