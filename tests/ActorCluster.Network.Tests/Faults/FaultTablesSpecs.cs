using ActorCluster.Api.Chaos;
using ActorCluster.Api.Selectors;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Faults;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tests.Tables;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Network.Tests.Faults;

/// <summary>Faults in the tables: whom their ends come to.</summary>
public class FaultTablesSpecs() : PatientTestKit("akka.actor.serialize-messages = on")
{
    private static readonly IpAddress Web = IpAddress.Parse("10.244.1.2");
    private static readonly IpAddress Db = IpAddress.Parse("10.244.2.2");
    private static readonly IpAddress Elsewhere = IpAddress.Parse("192.0.2.1");
    private static readonly FaultEffects Partition = new() { Partition = true };

    private readonly ListedApi _api = new();

    [Fact]
    public void A_fault_of_labels_holds_for_the_pods_that_have_them_now_and_who_asked_is_told_when_it_does()
    {
        Add("web-1", "10.244.1.2", "web");
        var actor = Start();
        actor.Tell(new InstallFault(new("f", Labeled("app=web"), FaultEnds.Anybody, FaultDirection.To, Partition)), TestActor);
        FishForMessage<ReplaceTables>(tables => Befalls(tables, Web, Elsewhere));
        ExpectMsg<FaultsApplied>();

        Add("web-2", "10.244.1.9", "web");
        FishForMessage<ReplaceTables>(tables => Befalls(tables, IpAddress.Parse("10.244.1.9"), Elsewhere));

        actor.Tell(new RemoveFault("f"), TestActor);
        FishForMessage<ReplaceTables>(tables => tables.Tables.Faults.IsEmpty);
        ExpectMsg<FaultsApplied>();
    }

    [Fact]
    public void A_fault_of_a_node_holds_for_it_and_for_all_addresses_of_its_pods()
    {
        _api.Add(new V1Node
        {
            ApiVersion = "v1", Kind = "Node", Metadata = new() { Name = "n1" }, Spec = new() { PodCIDR = "10.244.1.0/24" },
            Status = new() { Addresses = [new() { Type = "InternalIP", Address = "172.18.0.2" }] },
        });
        var actor = Start();
        actor.Tell(new InstallFault(new("f", new FaultEnds.Nodes(["n1"]), FaultEnds.Anybody, FaultDirection.Both, Partition)), TestActor);
        FishForMessage<ReplaceTables>(tables => Befalls(tables, Web, Elsewhere) && Befalls(tables, Db, IpAddress.Parse("172.18.0.2")) && !Befalls(tables, Db, Elsewhere));
        _api.Watched.ShouldNotContain("pods"); // whoever they are
    }

    [Fact]
    public void An_object_of_the_api_is_a_fault_of_those_of_its_records_that_are_injected()
    {
        Add("web", "10.244.1.2", "web");
        Add("db", "10.244.2.2", "db");
        Add("other", "10.244.2.9", "db");
        Start();
        var chaos = new NetworkChaos
        {
            Metadata = new() { NamespaceProperty = "x", Name = "cut" },
            Spec = new() { Action = "partition", Direction = "both", Selector = new(), Mode = "all", Target = new() { Selector = new(), Mode = "one" }, ExternalTargets = ["192.0.2.0/24"] },
            Status = new()
            {
                Experiment = new()
                {
                    ContainerRecords = [Record("x/web", ".", "Injected"), Record("x/db", ".Target", "Injected"), Record("x/other", ".Target", "Not Injected")],
                },
            },
        };
        _api.Add(chaos);
        var tables = FishForMessage<ReplaceTables>(replaced => Befalls(replaced, Web, Db) && Befalls(replaced, Db, Web)).Tables;
        tables.Faults.Faults.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            active => active.Fault.Name.ShouldBe("NetworkChaos x/cut"),
            active => active.Befalls(Web, Elsewhere, Elsewhere).ShouldBeTrue(),
            active => active.Befalls(Web, IpAddress.Parse("10.244.2.9"), IpAddress.Parse("10.244.2.9")).ShouldBeFalse());
    }

    [Fact]
    public void Actions_become_effects()
    {
        Effects(new() { Action = "delay", Delay = new() { Latency = "1.5s", Jitter = "10ms", Correlation = "25", Reorder = new() { Reorder = "50", Correlation = "10", Gap = 5 } } })
            .ShouldBe(new FaultEffects { Delay = new(TimeSpan.FromSeconds(1.5), TimeSpan.FromMilliseconds(10), 25, new(new(50, 10), 5)) });
        Effects(new()
        {
            Action = "netem", Loss = new() { Loss = "10" }, Duplicate = new() { Duplicate = "5", Correlation = "50" }, Corrupt = new() { Corrupt = "2.5" }, Rate = new() { Rate = "8mbit" },
        }).ShouldBe(new FaultEffects { Loss = new(10), Duplicate = new(5, 50), Corrupt = new(2.5), Rate = 1_000_000 });
        Effects(new() { Action = "bandwidth", Bandwidth = new() { Rate = "1kbps", Limit = 20, Buffer = 10, Peakrate = 16_000, Minburst = 5 } })
            .ShouldBe(new FaultEffects { Bandwidth = new(1_000, 20, 10, 2_000, 5) });
        Effects(new() { Action = "partition" }).ShouldBe(Partition);

        static FaultEffects Effects(NetworkChaosSpec spec) => ChaosFaults.Of(new NetworkChaos
        {
            Metadata = new() { NamespaceProperty = "x", Name = "f" }, Spec = spec, Status = new() { Experiment = new() { ContainerRecords = [Record("x/a", ".", "Injected")] } },
        })!.Effects;
    }

    [Fact]
    public void An_external_target_may_be_a_service()
    {
        var tables = NetworkTables.Empty.WithService(new("shop", "web", [IpAddress.Parse("10.96.0.50")], null, []));
        var builder = new FaultTablesBuilder();
        builder.Set(new("f", FaultWorld.Ends(Web), new FaultEnds.Services(["web.shop.svc.cluster.local"]), FaultDirection.To, Partition));
        builder.Build(tables, true).Faults[0].Befalls(Web, Db, IpAddress.Parse("10.96.0.50")).ShouldBeTrue();
        builder.Build(NetworkTables.Empty, true).Faults[0].Befalls(Web, Db, IpAddress.Parse("10.96.0.50")).ShouldBeFalse();
    }

    private IActorRef Start()
    {
        var actor = Sys.ActorOf(NetworkTablesActor.Props(_api, SimulationContext.RealTime(1), new NetworkTablesSource()));
        actor.Tell(new Subscribe(TestActor));
        ExpectMsg<ReplaceTables>();
        return actor;
    }

    private void Add(string name, string ip, string app) => _api.Add(new V1Pod
    {
        ApiVersion = "v1", Kind = "Pod", Metadata = new() { NamespaceProperty = "x", Name = name, Uid = name, Labels = new Dictionary<string, string> { ["app"] = app } },
        Spec = new() { Containers = [new() { Name = "c", Image = "i" }] }, Status = new() { PodIPs = [new() { Ip = ip }] },
    });

    private static FaultEnds.LabeledPods Labeled(string labels) => new(LabelSelector.Parse(labels), "x");

    private static ChaosRecord Record(string id, string key, string phase) => new() { Id = id, SelectorKey = key, Phase = phase };

    private static bool Befalls(ReplaceTables replaced, IpAddress sender, IpAddress receiver) => replaced.Tables.Faults.Faults.Any(active => active.Befalls(sender, receiver, receiver));
}
