using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class PrioritySpecs
{
    private const string Classes = "priorityclasses.scheduling.k8s.io";

    private static string Pod(string name, string more = "") => $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {{{more}containers: [{{name: c, image: i}}]}}}}";

    private static string Class(string name, int value, string more = "") =>
        $"{{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {{name: {name}}}, value: {value}{more}}}";

    [Fact]
    public async Task The_systems_classes_are_there_and_stay()
    {
        await using var api = await TestApi.StartAsync();
        (await api.NamesAsync(Classes)).ShouldBe(["system-cluster-critical", "system-node-critical"]);
        TestApi.Refused(await api.DeleteAsync(Classes, "system-node-critical"), 403).GetString("message")
            .ShouldBe("priorityclasses.scheduling.k8s.io \"system-node-critical\" is forbidden: this is a system priority class and cannot be deleted");
    }

    [Fact]
    public async Task A_pod_gets_the_priority_and_the_policy_of_its_class()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Classes, Class("polite", 100, ", preemptionPolicy: Never"));

        var pod = await api.CreatedAsync("pods", Pod("a", "priorityClassName: polite, "));
        pod.IntegerAt("spec", "priority").ShouldBe(100);
        pod.TextAt("spec", "preemptionPolicy").ShouldBe("Never");

        TestApi.Refused(await api.CreateAsync("pods", Pod("b", "priorityClassName: polite, priority: 5, ")), 403).GetString("message").ShouldBe(
            "pods \"b\" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 100 from the given PriorityClass name");
        TestApi.Refused(await api.CreateAsync("pods", Pod("b", "priorityClassName: polite, preemptionPolicy: PreemptLowerPriority, ")), 403).GetString("message")!
            .ShouldContain("the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never");
    }

    [Fact]
    public async Task Pods_without_a_class_get_the_default_one_of_which_there_is_one()
    {
        await using var api = await TestApi.StartAsync();
        (await api.CreatedAsync("pods", Pod("a"))).IntegerAt("spec", "priority").ShouldBe(0);
        await api.CreatedAsync(Classes, Class("usual", 10, ", globalDefault: true"));

        var pod = await api.CreatedAsync("pods", Pod("b"));
        pod.IntegerAt("spec", "priority").ShouldBe(10);
        pod.TextAt("spec", "priorityClassName").ShouldBe("usual");

        TestApi.Refused(await api.CreateAsync(Classes, Class("other", 20, ", globalDefault: true")), 403).GetString("message")
            .ShouldBe("priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already marked as default. Only one default can exist");
        TestApi.Good(await api.PatchAsync(Classes, "usual", """{"description":"still the default"}"""));
    }

    [Fact]
    public async Task A_classs_value_and_policy_are_fixed()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Classes, Class("a", 1));
        TestApi.Refused(await api.PatchAsync(Classes, "a", """{"value":2,"preemptionPolicy":"Never"}"""), 422).GetString("message").ShouldBe(
            "PriorityClass.scheduling.k8s.io \"a\" is invalid: [value: Forbidden: may not be changed in an update., preemptionPolicy: Invalid value: \"Never\": field is immutable]");
    }
}
