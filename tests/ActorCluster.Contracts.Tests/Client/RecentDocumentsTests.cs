using System.Text;
using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.Contracts.Tests.Client;

public sealed class RecentDocumentsTests
{
    [Fact]
    public void The_same_bytes_are_read_once_for_all_who_share()
    {
        ReadOnlyMemory<byte> bytes = Pod("one");
        var first = KubernetesDocument.ReadShared<V1Pod>(bytes);
        KubernetesDocument.ReadShared<V1Pod>(bytes).ShouldBeSameAs(first);
        first.Metadata.Name.ShouldBe("one");
    }

    [Fact]
    public void Who_does_not_share_has_an_object_of_its_own()
    {
        var bytes = Pod("one");
        KubernetesDocument.Read<V1Pod>(bytes).ShouldNotBeSameAs(KubernetesDocument.ReadShared<V1Pod>(bytes));
    }

    [Fact]
    public void Other_bytes_are_another_object_even_if_they_say_the_same() =>
        KubernetesDocument.ReadShared<V1Pod>(Pod("one")).ShouldNotBeSameAs(KubernetesDocument.ReadShared<V1Pod>(Pod("one")));

    [Fact]
    public void A_part_of_a_message_whose_bytes_may_be_used_again_is_read_each_time()
    {
        var message = new byte[Pod("one").Length + 1];
        Pod("one").CopyTo(message, 1);
        KubernetesDocument.ReadShared<V1Pod>(message.AsMemory(1)).Metadata.Name.ShouldBe("one");
        Pod("two").CopyTo(message, 1);
        KubernetesDocument.ReadShared<V1Pod>(message.AsMemory(1)).Metadata.Name.ShouldBe("two");
    }

    [Fact]
    public void What_was_read_long_ago_is_read_again_and_right()
    {
        var all = Enumerable.Range(0, 20).Select(number => Pod($"pod-{number}")).ToList();
        foreach (var _ in Enumerable.Range(0, 2)) all.Select(bytes => KubernetesDocument.ReadShared<V1Pod>(bytes).Metadata.Name).ShouldBe(Enumerable.Range(0, 20).Select(number => $"pod-{number}"));
    }

    private static byte[] Pod(string name) => Encoding.UTF8.GetBytes($$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{name}}}"}}""");
}
