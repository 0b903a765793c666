using ActorCluster.Api.Chaos;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Chaos;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Chaos;

public class PodSelectionTests
{
    private static readonly V1Node[] Nodes = [Node("worker-1", "ssd"), Node("worker-2", "hdd")];

    private static readonly V1Pod[] Pods =
    [
        Pod("default", "web-1", "app=web", "worker-1", "Running"), Pod("default", "web-2", "app=web", "worker-2", "Pending"), Pod("default", "db", "app=db,tier=back", "worker-1", "Running"),
        Pod("shop", "web-1", "app=web", "worker-1", "Running"),
    ];

    public static TheoryData<string, string> Selectors() => new()
    {
        { "{}", "default/web-1 default/web-2 default/db shop/web-1" },
        { "namespaces: [default]", "default/web-1 default/web-2 default/db" },
        { "namespaces: [default], labelSelectors: {app: web}", "default/web-1 default/web-2" },
        { "expressionSelectors: [{key: tier, operator: Exists}]", "default/db" },
        { "annotationSelectors: {name: db}", "default/db" },
        { "fieldSelectors: {metadata.name: web-1, metadata.namespace: shop}", "shop/web-1" },
        { "nodes: [worker-2]", "default/web-2" },
        { "nodeSelectors: {disk: ssd}, namespaces: [shop]", "shop/web-1" },
        { "nodes: [worker-2], nodeSelectors: {disk: ssd}", "default/web-1 default/web-2 default/db shop/web-1" },
        { "nodeSelectors: {disk: tape}", "" },
        { "podPhaseSelectors: [Pending]", "default/web-2" },
        { "podPhaseSelectors: [\"!Pending\"], labelSelectors: {app: web}", "default/web-1 shop/web-1" },
        { "pods: {shop: [web-1], default: [db, gone]}, labelSelectors: {app: nothing}", "default/db shop/web-1" },
    };

    [Theory]
    [MemberData(nameof(Selectors))]
    public void A_selector_selects_the_pods_for_which_all_of_it_holds(string selector, string expected)
    {
        var yaml = selector.StartsWith('{') ? selector : $"{{{selector}}}";
        var spec = k8s.KubernetesYaml.Deserialize<PodSelectorSpec>(yaml);
        PodSelection.Select(spec, Pods, Nodes).Select(pod => $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}").ShouldBe(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true);
    }

    [Theory]
    [InlineData("all", null, 10, 10)]
    [InlineData("one", null, 1, 1)]
    [InlineData("fixed", "3", 3, 3)]
    [InlineData("fixed", "30", 10, 10)]
    [InlineData("fixed-percent", "25", 3, 3)]
    [InlineData("random-max-percent", "50", 0, 5)]
    public void A_mode_says_how_many(string mode, string? value, int least, int most)
    {
        var counts = Enumerable.Range(0, 50).Select(seed => SelectionMode.Choose(mode, value, [.. Enumerable.Range(0, 10)], new RandomSource(seed))).ToList();
        counts.ShouldAllBe(chosen => chosen.Distinct().Count() == chosen.Count);
        (counts.Min(chosen => chosen.Count), counts.Max(chosen => chosen.Count)).ShouldBe((least, most));
    }

    private static V1Pod Pod(string ns, string name, string labels, string node, string phase) => new()
    {
        Metadata = new() { NamespaceProperty = ns, Name = name, Labels = Make.Labels(labels), Annotations = new Dictionary<string, string> { ["name"] = name } },
        Spec = new() { NodeName = node, Containers = [] }, Status = new() { Phase = phase },
    };

    private static V1Node Node(string name, string disk) => new() { Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["disk"] = disk } } };
}
