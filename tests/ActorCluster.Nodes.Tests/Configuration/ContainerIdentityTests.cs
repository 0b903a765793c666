using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Configuration;

public class ContainerIdentityTests
{
    private static V1Pod Pod(V1PodSecurityContext? context, params V1SecurityContext?[] containers)
    {
        var pod = TestPods.Pod("p", containers: [.. containers.Select((own, i) =>
        {
            var container = TestPods.Container($"c{i}");
            container.SecurityContext = own;
            return container;
        })]);
        pod.Spec.SecurityContext = context;
        return pod;
    }

    [Fact]
    public void What_a_container_says_of_itself_goes_before_what_its_pod_says()
    {
        var pod = Pod(new V1PodSecurityContext { RunAsUser = 1, RunAsGroup = 2, FsGroup = 3, SupplementalGroups = [4] }, new V1SecurityContext { RunAsUser = 5 }, null);

        ContainerIdentity.UserId(pod, pod.Spec.Containers[0]).ShouldBe(5);
        ContainerIdentity.UserId(pod, pod.Spec.Containers[1]).ShouldBe(1);
        ContainerIdentity.GroupId(pod, pod.Spec.Containers[0]).ShouldBe(2);
        ContainerIdentity.Groups(pod).ShouldBe([4, 3]);
        ContainerIdentity.SharedUserId(pod).ShouldBeNull();
    }

    [Fact]
    public void Tokens_are_for_the_user_that_all_containers_share()
    {
        ContainerIdentity.SharedUserId(Pod(new V1PodSecurityContext { RunAsUser = 7 }, null, null)).ShouldBe(7);
        ContainerIdentity.SharedUserId(Pod(null, new V1SecurityContext { RunAsUser = 7 }, null)).ShouldBeNull();
        ContainerIdentity.SharedUserId(Pod(null, null, null)).ShouldBeNull();
    }

    [Fact]
    public void A_container_that_must_not_be_roots_does_not_start_as_root()
    {
        var nonRoot = new V1PodSecurityContext { RunAsNonRoot = true };
        var asImage = Pod(nonRoot, [null]);
        Should.Throw<PodConfigurationException>(() => ContainerIdentity.CheckNonRoot(asImage, asImage.Spec.Containers[0], imageUserId: 0)).Message.ShouldStartWith("container has runAsNonRoot and image will run as root (pod: \"p_");
        Should.NotThrow(() => ContainerIdentity.CheckNonRoot(asImage, asImage.Spec.Containers[0], imageUserId: 1234));
        var asRoot = Pod(nonRoot, new V1SecurityContext { RunAsUser = 0 });
        Should.Throw<PodConfigurationException>(() => ContainerIdentity.CheckNonRoot(asRoot, asRoot.Spec.Containers[0], imageUserId: 1234)).Message.ShouldStartWith("container's runAsUser breaks non-root policy (pod: \"p_");
        var allowed = Pod(nonRoot, new V1SecurityContext { RunAsNonRoot = false });
        Should.NotThrow(() => ContainerIdentity.CheckNonRoot(allowed, allowed.Spec.Containers[0], imageUserId: 0));
    }
}
