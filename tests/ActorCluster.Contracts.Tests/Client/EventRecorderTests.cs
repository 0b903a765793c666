using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Contracts.Tests.Client;

public sealed class EventRecorderTests
{
    [Fact]
    public async Task A_source_that_begins_anew_in_the_same_instant_names_its_events_otherwise()
    {
        var api = new ScriptedApi();
        var simulation = SimulationContext.RealTime(seed: 1) with { Clock = new FakeTimeProvider() };
        var about = new V1ObjectReference { ApiVersion = "v1", Kind = "Pod", Name = "web", NamespaceProperty = "default", Uid = "1" };
        foreach (var reason in (string[])["Started", "SandboxChanged"])
        {
            await using var recorder = new EventRecorder(new KubeClient(api, "test"), simulation, "kubelet", "node-1");
            recorder.Record(about, "Normal", reason, reason);
        }

        var events = api.Requests.Select(request => JsonNode.Parse(request.Body.Span)!).ToList();
        events.Select(written => (string?)written["reason"]).ShouldBe(["Started", "SandboxChanged"]);
        events.Select(written => (string?)written["metadata"]!["name"]).ShouldBeUnique();
    }
}
