using ActorCluster.Containers.Tests.Runtime;

namespace ActorCluster.Containers.Tests.Tools;

public class SysctlTests
{
    [Fact]
    public async Task A_container_sees_its_pods_kernel_parameters_and_the_usual_ones()
    {
        await using var sandbox = new Sandbox(
            command: ["sh", "-c", "sysctl kernel.shm_rmid_forced kernel/hostname; sysctl -n net.ipv4.ip_local_port_range; cat /proc/sys/net/ipv4/tcp_fin_timeout; sysctl -a | wc -l"],
            change: configuration => configuration with { KernelParameters = new Dictionary<string, string> { ["kernel.shm_rmid_forced"] = "1", ["net.ipv4.ip_local_port_range"] = "1024 2048" } });

        (await sandbox.RunAsync()).Output.ShouldBe("kernel.shm_rmid_forced = 1\nkernel.hostname = pod-1\n1024\t2048\n60\n15\n");
    }

    [Fact]
    public async Task Unknown_and_unchangeable_parameters_are_said_so()
    {
        await using var sandbox = new Sandbox(command: ["sh", "-c", "sysctl foo.bar; sysctl -e foo.bar; sysctl kernel.shm_rmid_forced=1"]);

        var result = await sandbox.RunAsync();

        result.Errors.ShouldBe("sysctl: error: 'foo.bar' is an unknown key\nsysctl: error setting key 'kernel.shm_rmid_forced': Permission denied\n");
        result.Code.ShouldBe(1);
    }
}
