using System.Net.Sockets;
using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>The README's "Services, type by type", and the same services from this machine.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class ServiceTests(SharedCluster shared)
{
    private const string Welcome = "<title>Welcome to nginx!</title>";
    private readonly RunningCluster _cluster = shared.Cluster;

    [Theory]
    [InlineData("hello")]
    [InlineData("hello-nodeport")]
    [InlineData("hello-balanced:8080")]
    [InlineData("hello-alias")]
    [InlineData("hello-headless")]
    public async Task Every_type_of_service_answers_by_its_name(string address)
    {
        await ApplyAsync();

        await AskUntilWelcomeAsync("-s", $"http://{address}");
    }

    [Theory]
    [InlineData("-4", "10.244.")]
    [InlineData("-6", "fd00:10:244:")]
    public async Task A_dual_stack_service_answers_over_both_families_and_the_pod_sees_who_asked(string family, string client)
    {
        await ApplyAsync();
        var agent = $"over{family}";

        await AskUntilWelcomeAsync("-s", "-A", agent, family, "http://hello-dualstack");

        await Eventually.SeeAsync(
            async () => (await _cluster.KubectlAsync("logs", "-l", "app=hello", "--tail=-1")).ShouldSucceed().Lines.Where(line => line.Contains(agent, StringComparison.Ordinal)).ToArray(),
            lines => lines is [var line] && line.StartsWith(client, StringComparison.Ordinal),
            $"one request from {client}");
    }

    [Fact]
    public async Task A_node_port_is_reached_from_this_machine_and_the_pod_sees_who_asked()
    {
        await ApplyAsync();
        var urls = await UrlsAsync("hello-nodeport", 3);

        // The policy is Local: a node answers if it has one of the pods.
        await Eventually.SeeAsync(() => Task.WhenAll(urls.Select(TryFetchAsync)), answers => answers.Any(IsWelcome), "a node that answers");

        await _cluster.SeeAsync("172.18.0.1 - - ", "logs", "-l", "app=hello", "--tail=-1");
    }

    [Fact]
    public async Task A_load_balancer_has_an_address_and_is_reached_from_this_machine()
    {
        await ApplyAsync();
        await _cluster.SeeAsync("172.18.255.", "get", "service", "hello-balanced");

        foreach (var url in await UrlsAsync("hello-balanced", 4)) await Eventually.SeeAsync(() => TryFetchAsync(url), IsWelcome, $"an answer from {url}");
    }

    [Fact]
    public async Task A_service_that_is_no_longer_of_the_type_closes_its_sockets_and_opens_them_when_it_is_again()
    {
        await ApplyAsync();
        var before = await UrlsAsync("hello-nodeport", 3);
        (await _cluster.KubectlAsync("patch", "service", "hello-nodeport", "-p", """{"spec":{"type":"ClusterIP"}}""")).ShouldSucceed();
        await UrlsAsync("hello-nodeport", 0);

        using var socket = new TcpClient();
        (await Should.ThrowAsync<SocketException>(() => socket.ConnectAsync(before[0].Host, before[0].Port))).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
        await ApplyAsync();
        await UrlsAsync("hello-nodeport", 3);
    }

    /// <summary>Asks from a pod until there is an answer: its node and the DNS server follow the API in a moment.</summary>
    private async Task AskUntilWelcomeAsync(params IReadOnlyList<string> curl)
    {
        (await _cluster.KubectlWithInputAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: asker}\nspec: {containers: [{name: c, image: curlimages/curl, command: [sleep, \"1000000\"]}]}\n", "apply", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/asker", "--timeout=240s")).ShouldSucceed();
        await Eventually.SeeAsync(() => _cluster.KubectlAsync(["exec", "asker", "--", "curl", .. curl]), result => result.ExitCode == 0 && IsWelcome(result.Output), "the page");
    }

    private static bool IsWelcome(string? page) => page?.Contains(Welcome, StringComparison.Ordinal) == true;

    private async Task ApplyAsync()
    {
        string[] types = ["clusterip", "nodeport", "loadbalancer", "externalname", "headless", "dualstack"];
        (await _cluster.KubectlAsync(["apply", .. types.SelectMany(type => new[] { "-f", Path.Combine(AppContext.BaseDirectory, "configs", $"services-{type}.yml") })])).ShouldSucceed();
        (await _cluster.KubectlAsync("rollout", "status", "deployment/hello", "--timeout=240s")).ShouldSucceed();
    }

    /// <summary>What `actorcluster services` says of a service, when it says as many places as are wanted.</summary>
    private Task<Uri[]> UrlsAsync(string service, int count) => Eventually.SeeAsync(
        async () => (await _cluster.ActorClusterAsync("services")).ShouldSucceed().Lines
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells is ["default", var name, _, _, _, not "-"] && name == service)
            .Select(cells => new Uri(cells[5])).ToArray(),
        urls => urls.Length == count,
        $"{count} URLs of {service}");

    /// <returns>Null: nobody answers.</returns>
    private static async Task<string?> TryFetchAsync(Uri url)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
        try
        {
            return await client.GetStringAsync(url);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
