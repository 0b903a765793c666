using ActorCluster.Controllers.Namespaces;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Namespaces;

public class NamespaceConditionsTests
{
    [Fact]
    public void What_is_left_is_said_in_upstreams_words_and_only_when_it_changes()
    {
        var ns = new V1Namespace { Metadata = new V1ObjectMeta { Name = "doomed" }, Status = new V1NamespaceStatus { Phase = "Terminating" } };
        var (remaining, finalizers) = (new Dictionary<string, int> { ["pods"] = 2, ["configmaps"] = 1 }, new Dictionary<string, int> { ["example.com/hold"] = 1 });
        ns.Status.Conditions = NamespaceConditions.Of(ns, remaining, finalizers, [], Make.Noon);
        string Message(string type) => ns.Status.Conditions!.Single(c => c.Type == type).Message;
        Message("NamespaceContentRemaining").ShouldBe("Some resources are remaining: configmaps has 1 resource instances, pods has 2 resource instances");
        Message("NamespaceFinalizersRemaining").ShouldBe("Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances");
        NamespaceConditions.Of(ns, remaining, finalizers, [], Make.Noon.AddMinutes(1)).ShouldBeNull();
        NamespaceConditions.Of(ns, new Dictionary<string, int>(), new Dictionary<string, int>(), [], Make.Noon.AddMinutes(1))!
            .Single(c => c.Type == "NamespaceContentRemaining").Status.ShouldBe("False");
    }
}
