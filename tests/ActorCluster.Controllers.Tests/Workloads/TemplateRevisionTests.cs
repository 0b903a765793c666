using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Workloads;

public class TemplateRevisionTests
{
    private static V1ControllerRevision Revision(V1PodTemplateSpec template) => new() { Metadata = new V1ObjectMeta { Name = "r" }, Data = TemplateRevision.PatchOf(template) };

    [Fact]
    public void A_template_is_kept_as_the_patch_that_brings_it_back_with_its_keys_in_order() =>
        TemplateRevision.PatchOf(Make.Template("tier=front,app=web", "nginx:1")).ToJsonString().ShouldBe(
            """{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web","tier":"front"}},"spec":{"containers":[{"image":"nginx:1","name":"main"}]}}}}""");

    [Fact]
    public void A_revision_holds_its_template_and_no_other()
    {
        var revision = Revision(Make.Template("app=web", "nginx:1"));
        TemplateRevision.Holds(revision, Make.Template("app=web", "nginx:1")).ShouldBeTrue();
        TemplateRevision.Holds(revision, Make.Template("app=web", "nginx:2")).ShouldBeFalse();
        TemplateRevision.Holds(revision, TemplateRevision.TemplateIn(revision)).ShouldBeTrue();
    }

    [Fact]
    public void What_holds_no_template_says_so() =>
        Should.Throw<FormatException>(() => TemplateRevision.TemplateIn(new V1ControllerRevision { Metadata = new V1ObjectMeta { Name = "r", NamespaceProperty = "ns" } }))
            .Message.ShouldBe("controller revision ns/r holds no pod template");
}
