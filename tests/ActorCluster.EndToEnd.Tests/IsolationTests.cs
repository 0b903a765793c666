using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorCluster.EndToEnd.Tests.Support;
using ActorCluster.Host.Processes;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>What runs in a container can't reach the files, the network or the processes of the machine that the cluster runs on.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class IsolationTests(SharedCluster shared) : IAsyncLifetime
{
    private readonly RunningCluster _cluster = shared.Cluster;

    public async Task InitializeAsync()
    {
        (await _cluster.KubectlWithInputAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: prisoner
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: curl
                image: curlimages/curl
                command: [sleep, "3600"]
            """, "apply", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/prisoner", "--timeout=240s")).ShouldSucceed();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_machine_s_files_are_neither_read_nor_written()
    {
        var file = _cluster.Home.File("secret");
        await File.WriteAllTextAsync(file, "secret");

        foreach (var path in (string[])[file, $"/proc/1/root{file}", $"/tmp/../..{file}", _cluster.Kubeconfig])
        {
            var read = await ExecAsync("cat", path);
            read.ShouldExitWith(1);
            read.Output.ShouldNotContain("secret");
        }

        await ExecAsync("sh", "-c", $"mkdir -p {_cluster.Home.Path}; echo overwritten > {file}; rm -rf {_cluster.Home.Path}");
        (await File.ReadAllTextAsync(file)).ShouldBe("secret");
    }

    [Fact]
    public async Task The_machine_s_loopback_and_addresses_are_out_of_reach()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var own = (await Dns.GetHostAddressesAsync(Dns.GetHostName()))
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork).Select(address => address.ToString());

        foreach (var address in own.Prepend("127.0.0.1").Prepend("localhost"))
            (await ExecAsync("curl", "-sS", "-m", "60", $"http://{address}:{port}")).ShouldFailWith(7, "Could not connect to server");

        listener.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task The_machine_s_processes_are_neither_seen_nor_ended()
    {
        await using var bystander = Command.Start("sleep", ["600"], new Dictionary<string, string>());
        var processId = bystander.ProcessId.ToString(CultureInfo.InvariantCulture);

        (await ExecAsync("ps")).ShouldSucceed().Output.ShouldNotContain("sleep 600");
        (await ExecAsync("kill", "-9", processId)).ExitCode.ShouldNotBe(0);

        ProcessIdentity.Of(bystander.ProcessId).ShouldNotBeNull();
    }

    private Task<CommandResult> ExecAsync(params IReadOnlyList<string> command) => _cluster.KubectlAsync(["exec", "prisoner", "--", .. command]);
}
