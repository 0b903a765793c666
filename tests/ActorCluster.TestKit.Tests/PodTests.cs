using System.Text;
using ActorCluster.Network.Packets;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace ActorCluster.TestKit.Tests;

/// <summary>What a test can do with pods, on virtual time.</summary>
public sealed class PodTests(ITestOutputHelper output) : ClusterTestKit(output)
{
    private static readonly TestClusterOptions Bare = new() { ClusterDns = false };

    private static string Pod(string name, string image, string rest = "") =>
        $"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels:\n    app: {name}\nspec:\n  containers:\n  - name: main\n    image: {image}\n{rest}---\n";

    [Fact]
    public async Task An_application_has_the_containers_environment_and_the_clusters_time_and_ends_with_its_pod()
    {
        await using var cluster = await StartClusterAsync(Bare);
        cluster.Images.Add("shop/clock:*", builder => builder.Services.AddSingleton(new StringBuilder("built")), app =>
        {
            app.MapGet("/", (TimeProvider clock, StringBuilder made) => $"{made} {app.Configuration["Shop:Name"]} {clock.GetUtcNow():HH:mm}");
            app.MapGet("/peer", (HttpContext http) => http.Connection.RemoteIpAddress!.MapToIPv4().ToString());
            app.MapGet("/slow", async (TimeProvider clock) =>
            {
                await Task.Delay(TimeSpan.FromMinutes(1), clock);
                return "at last";
            });
        });
        await cluster.ApplyYamlAsync(Pod("clock", "shop/clock:1", "    env:\n    - name: Shop__Name\n      value: corner\n    - name: ASPNETCORE_HTTP_PORTS\n      value: '80'\n") + Pod("client", "busybox", "    command: [sleep, infinity]\n"));
        var address = (await cluster.Pod("clock").ShouldBeReadyAsync()).Status.PodIP;
        var own = (await cluster.Pod("client").ShouldBeReadyAsync()).Status.PodIP;
        using var client = cluster.Pod("client").CreateHttpClient();
        await cluster.Clock.AdvanceToAsync(cluster.Options.Start.AddHours(3));
        (await client.GetStringAsync($"http://{address}/")).ShouldBe("built corner 03:00");
        (await client.GetStringAsync($"http://{address}/peer")).ShouldBe(own);
        (await client.GetStringAsync($"http://{address}/slow")).ShouldBe("at last");
        cluster.Clock.UtcNow.ShouldBeGreaterThanOrEqualTo(cluster.Options.Start.AddHours(3).AddMinutes(1));
        using var hasty = cluster.Pod("client").CreateHttpClient(timeout: TimeSpan.FromSeconds(30));
        await Should.ThrowAsync<TaskCanceledException>(hasty.GetStringAsync($"http://{address}/slow"));
        await cluster.Pod("clock").DeleteAsync();
        await cluster.Pod("clock").ShouldBeGoneAsync();
        await Should.ThrowAsync<HttpRequestException>(client.GetStringAsync($"http://{address}/"));
    }

    [Fact]
    public async Task A_program_runs_as_an_image_and_says_what_it_has_to_say()
    {
        await using var cluster = await StartClusterAsync(Bare);
        cluster.Images.AddProgram("shop/batch", async process =>
        {
            for (var i = 1; i <= 3; i++)
            {
                await process.Stdout.WriteAsync(Encoding.UTF8.GetBytes($"{i} {process.Arguments[1]}\n"), process.Killed);
                await Task.Delay(TimeSpan.FromHours(1), process.Clock, process.Killed);
            }
            return 0;
        });
        await cluster.ApplyYamlAsync(Pod("batch", "shop/batch", "    args: [goods]\n  restartPolicy: Never\n"));
        await cluster.Pod("batch").ShouldSucceedAsync(within: TimeSpan.FromHours(4));
        cluster.Clock.Elapsed.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(3));
        (await cluster.Pod("batch").LogsAsync()).ShouldBe("1 goods\n2 goods\n3 goods\n");
    }

    [Fact]
    public async Task A_command_runs_in_a_pod_and_a_policy_shows_in_traces_and_in_what_was_lost()
    {
        await using var cluster = await StartClusterAsync(Bare);
        await cluster.ApplyYamlAsync(Pod("web", "nginx") + Pod("client", "busybox", "    command: [sleep, infinity]\n"));
        var address = (await cluster.Pod("web").ShouldBeReadyAsync()).Status.PodIP;
        await cluster.Pod("client").ShouldBeReadyAsync();
        var answer = await cluster.Pod("client").ExecAsync("wget", "-qO-", $"http://{address}/");
        answer.ExitCode.ShouldBe(0);
        answer.Stdout.ShouldContain("Welcome to nginx");
        cluster.Network.Trace("client", "web:80").ShouldReach("web");
        cluster.Network.Trace("client", "web:81").ShouldNotArrive("NoListener");

        await cluster.ApplyYamlAsync("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: closed\nspec:\n  podSelector:\n    matchLabels:\n      app: web\n");
        var trace = await cluster.Network.TraceAsync("client", "web:80");
        trace.ShouldNotArrive("NetworkPolicy");
        Should.Throw<ClusterAssertionException>(() => trace.ShouldReach("web")).Message.ShouldContain("isolated by default/closed, no rule matched");
        (await cluster.Pod("client").ExecAsync("wget", "-qO-", "-T", "2", $"http://{address}/")).ExitCode.ShouldNotBe(0);
        cluster.Network.LostPackets.ShouldContain(line => line.Contains("NetworkPolicy: ingress of default/web: isolated by default/closed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_test_probe_is_a_pod_that_gets_packets_and_answers()
    {
        await using var cluster = await StartClusterAsync(Bare);
        await cluster.ApplyYamlAsync(Pod("client", "busybox", "    command: [sleep, infinity]\n"));
        await cluster.Pod("client").ShouldBeReadyAsync();
        var probe = CreateTestProbe();
        var pod = await StartProbePodAsync(cluster, probe, "probe");
        Task<Objects.ExecResult> exec;
        // The client's five seconds would be over before this thread has answered.
        using (cluster.Clock.Pause())
        {
            exec = cluster.Pod("client").ExecAsync("sh", "-c", $"echo -n ping | nc -u -w 5 {pod.Addresses[0]} 7");
            var packet = probe.ExpectMsg<UdpPacket>(TimeSpan.FromSeconds(60));
            Encoding.UTF8.GetString(packet.Payload.Span).ShouldBe("ping");
            probe.Reply(new UdpPacket(packet.Destination, packet.Source, packet.DestinationPort, packet.SourcePort, "pong"u8.ToArray()));
        }
        (await exec).Stdout.ShouldBe("pong");
        cluster.Network.Trace("client", "probe:7").ShouldReach("probe");
    }

    [Fact]
    public async Task A_trace_tells_a_node_that_is_paused_from_one_that_does_not_run()
    {
        await using var cluster = await StartClusterAsync(Bare with { Nodes = 2 });
        await cluster.ApplyYamlAsync(Pod("web", "nginx", "  nodeName: worker-2\n") + Pod("client", "busybox", "    command: [sleep, infinity]\n  nodeName: worker-1\n"));
        await cluster.Pod("web").ShouldBeReadyAsync();
        await cluster.Pod("client").ShouldBeReadyAsync();
        cluster.Node("worker-2").Pause();
        cluster.Network.Trace("client", "web:80").ShouldNotArrive("NodePaused");
        Should.Throw<ClusterAssertionException>(() => cluster.Network.Trace("web", "client")).Message.ShouldBe("Pod default/web can't send now: its node worker-2 is paused.");
        cluster.Node("worker-2").Resume();
        cluster.Network.Trace("client", "web:80").ShouldReach("web");
        cluster.Node("worker-2").Kill();
        cluster.Network.Trace("client", "web:80").ShouldNotArrive("NodeDown");
    }

    [Fact]
    public async Task A_node_that_is_paused_falls_silent_and_goes_on_where_it_was()
    {
        await using var cluster = await StartClusterAsync(Bare with { Nodes = 2 });
        cluster.Node("worker-2").Pause();
        await cluster.Node("worker-2").ShouldBeNotReadyAsync();
        cluster.Clock.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(40));
        cluster.Node("worker-2").Resume();
        await cluster.Node("worker-2").ShouldBeReadyAsync();
        await cluster.Node("worker-2").StopAsync();
        await cluster.Node("worker-2").ShouldBeNotReadyAsync();
        cluster.Node("worker-2").Start();
        await cluster.Node("worker-2").ShouldBeReadyAsync();
        Should.Throw<InvalidOperationException>(cluster.Node("worker-2").Start);
        (await cluster.AddNode("worker-3", cpu: "2", memory: "4Gi").ShouldBeReadyAsync()).Status.Capacity["cpu"].ToString().ShouldBe("2");
        cluster.NodeNames.ShouldBe(["worker-1", "worker-2", "worker-3"]);
        cluster.Node("worker-3").Kill();
        cluster.Node("worker-3").Start(cpu: "4", memory: "4Gi");
        (await cluster.Node("worker-3").ShouldBecomeAsync(node => node.Status.Capacity["cpu"].ToString() == "4")).Status.Capacity["memory"].ToString().ShouldBe("4Gi");
        Should.Throw<ArgumentException>(() => cluster.AddNode("worker-3")).Message.ShouldContain("There is a node worker-3 already");
        Should.Throw<ArgumentException>(() => cluster.AddNode("worker_4")).Message.ShouldContain("'worker_4' is not a node name: a lowercase RFC 1123 label");
    }

    [Fact]
    public async Task Jobs_of_hours_take_no_time()
    {
        await using var cluster = await StartClusterAsync(Bare);
        await cluster.ApplyYamlAsync("apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: hourly\nspec:\n  schedule: '30 * * * *'\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n          - name: c\n            image: busybox\n            command: ['true']\n");
        await cluster.Clock.AdvanceAsync(TimeSpan.FromHours(2));
        var cron = await cluster.CronJob("hourly").ShouldSucceedAsync(since: cluster.Options.Start.AddHours(1));
        cron.Status.LastScheduleTime.ShouldBe(new DateTime(2026, 1, 1, 1, 30, 0, DateTimeKind.Utc));
        (await cluster.Client.ListAsync<V1Job>("default")).Count.ShouldBe(2);
    }
}
