using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Tables;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tests.Dns;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Network.Tests.Tables;

public class NetworkTablesActorSpecs() : PatientTestKit("akka.actor.serialize-messages = on")
{
    private static readonly ServiceKey Web = new(IpAddress.Parse("10.96.0.50"), 80, IpProtocol.Tcp);

    private readonly ListedApi _api = new();
    private readonly NetworkTablesSource _source = new();

    [Fact]
    public void Subscribers_get_the_whole_tables_first_and_each_change_afterwards()
    {
        _api.Add(new V1Node
        {
            ApiVersion = "v1", Kind = "Node", Metadata = new() { Name = "n1" }, Spec = new() { PodCIDR = "10.244.1.0/24" },
            Status = new() { Addresses = [new() { Type = "InternalIP", Address = "172.18.0.2" }] },
        });
        _api.Add(new V1Service
        {
            ApiVersion = "v1", Kind = "Service", Metadata = new() { NamespaceProperty = "default", Name = "web" },
            Spec = new() { ClusterIP = "10.96.0.50", Ports = [new() { Port = 80 }] },
        });
        var actor = Sys.ActorOf(NetworkTablesActor.Props(_api, SimulationContext.RealTime(1), _source));
        actor.Tell(new Subscribe(TestActor));
        var first = ExpectMsg<ReplaceTables>().Tables;
        first.TryGetNode("n1", out _).ShouldBeTrue();
        first.TryGetFrontend(Web, out var frontend).ShouldBeTrue();
        frontend!.Port.Ready.ShouldBeEmpty();

        _api.Add(new V1EndpointSlice
        {
            ApiVersion = "discovery.k8s.io/v1", Kind = "EndpointSlice", AddressType = "IPv4", Endpoints = [new() { Addresses = ["10.244.1.2"] }], Ports = [new() { Port = 8080 }],
            Metadata = new() { NamespaceProperty = "default", Name = "web-1", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "web" } },
        });
        var next = FishForMessage<ReplaceTables>(replace => replace.Tables.TryGetFrontend(Web, out var changed) && changed.Port.Ready.Length == 1).Tables;
        _source.Current.ShouldBeSameAs(next);

        var late = CreateTestProbe();
        actor.Tell(new Subscribe(late));
        late.ExpectMsg<ReplaceTables>().Tables.ShouldBeSameAs(next);
    }

    [Fact]
    public void A_process_that_is_lost_is_believed_to_be_until_it_is_found_or_the_API_has_had_its_time()
    {
        const string process = "akka.tcp://actorcluster@127.0.0.1:20001";
        _api.Add(new V1Node { ApiVersion = "v1", Kind = "Node", Metadata = new() { Name = "n1", Annotations = new Dictionary<string, string> { [WellKnown.ProcessAddressAnnotation] = process } } });
        _api.Add(new V1Service
        {
            ApiVersion = "v1", Kind = "Service", Metadata = new() { NamespaceProperty = "default", Name = "web" },
            Spec = new() { ClusterIP = "10.96.0.50", Ports = [new() { Port = 80 }] },
        });
        _api.Add(new V1EndpointSlice
        {
            ApiVersion = "discovery.k8s.io/v1", Kind = "EndpointSlice", AddressType = "IPv4", Endpoints = [new() { Addresses = ["10.244.1.2"], NodeName = "n1" }], Ports = [new() { Port = 8080 }],
            Metadata = new() { NamespaceProperty = "default", Name = "web-1", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "web" } },
        });
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        Sys.ActorOf(NetworkTablesActor.Props(_api, SimulationContext.RealTime(1) with { Clock = clock }, _source, TimeSpan.FromSeconds(3))).Tell(new Subscribe(TestActor));
        Await(1);

        Sys.EventStream.Publish(new ProcessReachabilityChanged(process, false));
        Await(0);
        Sys.EventStream.Publish(new ProcessReachabilityChanged(process, true));
        Await(1);

        Sys.EventStream.Publish(new ProcessReachabilityChanged(process, false));
        Await(0);
        clock.Advance(TimeSpan.FromSeconds(3));
        Await(1);

        void Await(int endpoints) => FishForMessage<ReplaceTables>(replace => replace.Tables.TryGetFrontend(Web, out var frontend) && frontend.Port.Ready.Length == endpoints);
    }

    [Fact]
    public void Who_asks_for_a_revision_of_the_endpoint_slices_is_answered_when_the_tables_have_it()
    {
        var slice = new V1EndpointSlice
        {
            ApiVersion = "discovery.k8s.io/v1", Kind = "EndpointSlice", AddressType = "IPv4", Endpoints = [new() { Addresses = ["10.244.1.2"] }], Ports = [new() { Port = 8080 }],
            Metadata = new() { NamespaceProperty = "default", Name = "web-1", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "web" } },
        };
        _api.Add(slice);
        var listed = long.Parse(slice.Metadata.ResourceVersion, null);
        var actor = Sys.ActorOf(NetworkTablesActor.Props(_api, SimulationContext.RealTime(1), _source));
        actor.Tell(new AwaitEndpointSlices(listed));
        ExpectMsg<EndpointSlicesApplied>().Revision.ShouldBe(listed);
        _source.HasSynced.ShouldBeTrue();

        actor.Tell(new AwaitEndpointSlices(listed + 1));
        actor.Tell(new AwaitEndpointSlices(listed)); // what is later isn't there yet: the earlier one's answer is the first
        ExpectMsg<EndpointSlicesApplied>().Revision.ShouldBe(listed);
        slice.Metadata.Name = "web-2";
        _api.Add(slice);
        ExpectMsg<EndpointSlicesApplied>().Revision.ShouldBe(listed + 1);
    }

    [Fact]
    public void Pods_are_followed_only_while_there_is_a_policy()
    {
        _api.Add(new V1Pod
        {
            ApiVersion = "v1", Kind = "Pod", Metadata = new() { NamespaceProperty = "x", Name = "web", Uid = "1", Labels = new Dictionary<string, string> { ["app"] = "web" } },
            Spec = new() { Containers = [new() { Name = "c", Image = "i" }] }, Status = new() { PodIPs = [new() { Ip = "10.244.1.2" }] },
        });
        var actor = Sys.ActorOf(NetworkTablesActor.Props(_api, SimulationContext.RealTime(1), _source));
        actor.Tell(new Subscribe(TestActor));
        ExpectMsg<ReplaceTables>().Tables.Policies.TryGetPod(IpAddress.Parse("10.244.1.2"), out _).ShouldBeFalse();
        _api.Watched.ShouldNotContain("pods");

        _api.Add(new V1NetworkPolicy
        {
            ApiVersion = "networking.k8s.io/v1", Kind = "NetworkPolicy", Metadata = new() { NamespaceProperty = "x", Name = "deny" }, Spec = new() { PodSelector = new() },
        });
        FishForMessage<ReplaceTables>(replace => replace.Tables.Policies.TryGetPod(IpAddress.Parse("10.244.1.2"), out var pod) && pod.Ingress.Length == 1 && pod.Egress.IsEmpty);
    }

    [Fact]
    public void Pods_are_known_to_whoever_asks_where_they_are_for_as_long_as_he_wants_to()
    {
        _api.Add(new V1Pod
        {
            ApiVersion = "v1", Kind = "Pod", Metadata = new() { NamespaceProperty = "x", Name = "web", Uid = "1" },
            Spec = new() { Containers = [new() { Name = "c", Image = "i" }] }, Status = new() { PodIPs = [new() { Ip = "10.244.1.2" }] },
        });
        _api.Add(new V1Namespace { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = "x" } });
        var verified = new ClusterDnsOptions { PodRecords = PodRecords.Verified };
        Sys.ActorOf(NetworkTablesActor.Props(_api, SimulationContext.RealTime(1), _source)).Tell(new Subscribe(TestActor));
        var first = ExpectMsg<ReplaceTables>().Tables;
        (first.KnowsPods, CodeOf("10-244-1-2.x.pod.cluster.local", first)).ShouldBe((false, DnsResponseCode.NameError));

        var wants = _source.WantPods();
        using (_source.WantPods())
        {
            var tables = FishForMessage<ReplaceTables>(replace => replace.Tables.KnowsPods).Tables;
            tables.Policies.IsEmpty.ShouldBeTrue();
            CodeOf("10-244-1-2.x.pod.cluster.local", tables).ShouldBe(DnsResponseCode.NoError);
            CodeOf("10-244-1-3.x.pod.cluster.local", tables).ShouldBe(DnsResponseCode.NameError);
            CodeOf("10-244-1-2.y.pod.cluster.local", tables.WithNamespace("y")).ShouldBe(DnsResponseCode.NameError);
        }
        _source.Current.KnowsPods.ShouldBeTrue();
        wants.Dispose();
        FishForMessage<ReplaceTables>(replace => !replace.Tables.KnowsPods);

        DnsResponseCode CodeOf(string name, NetworkTables tables) => DnsWorld.Ask(name, DnsType.A, verified, tables).ResponseCode;
    }

    [Fact]
    public void The_first_tables_hold_the_policies_that_there_are()
    {
        _api.Add(new V1NetworkPolicy
        {
            ApiVersion = "networking.k8s.io/v1", Kind = "NetworkPolicy", Metadata = new() { NamespaceProperty = "x", Name = "deny" }, Spec = new() { PodSelector = new() },
        });
        var actor = Sys.ActorOf(NetworkTablesActor.Props(_api, SimulationContext.RealTime(1), _source));
        actor.Tell(new Subscribe(TestActor));
        ExpectMsg<ReplaceTables>().Tables.Policies.IsEmpty.ShouldBeFalse();
    }
}
