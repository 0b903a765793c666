using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tests.Runtime;

/// <summary>Nothing that a container does reaches the host's files, processes or network.</summary>
public sealed class SandboxTests
{
    [Fact]
    public async Task Files_are_the_image_s_and_not_the_host_s()
    {
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, "the host's");
        try
        {
            var result = await Sandbox.ShAsync($"""
                cat /etc/passwd
                cat {secret}; cat ../../../..{secret}; ln -s {secret} /tmp/l; cat /tmp/l
                ln -s ../../../../../.. /tmp/up; ls -d /tmp/up{Path.GetDirectoryName(secret)}; cat /tmp/up{secret}
                cat /proc/self/root{secret}; cat /proc/self/cwd{secret}; cat /proc/1/cwd/../..{secret}
                cat file://{secret}; . {secret}
                """);
            result.Output.ShouldBe("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n/tmp/up/tmp\n");
            result.Errors.ShouldNotContain("the host's");
            result.Code.ShouldNotBe(0);
            (await File.ReadAllTextAsync(secret)).ShouldBe("the host's");
        }
        finally
        {
            File.Delete(secret);
        }
    }

    [Fact]
    public async Task What_a_container_writes_stays_in_it()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var result = await Sandbox.ShAsync($"echo a > {path}; cat {path}; mkdir -p {path}.d/e; rm -rf /etc/* /bin/ls; ls /etc; echo $?");
        result.Output.ShouldBe("a\n127\n");
        File.Exists(path).ShouldBeFalse();
        Directory.Exists(path + ".d").ShouldBeFalse();
        // The image itself is unharmed.
        (await Sandbox.ShAsync("ls /etc/passwd; cat " + path)).Output.ShouldBe("/etc/passwd\n");
    }

    [Fact]
    public async Task Proc_shows_the_container_alone()
    {
        var result = await Sandbox.ShAsync("""
            cat /proc/1/comm; tr '\0' '\n' < /proc/1/cmdline | head -n 2; ls -d /proc/[0-9]* | head -n 1; cat /proc/sys/kernel/hostname
            ls /proc/self/fd | tr '\n' ' '; tr '\0' '\n' < /proc/self/environ | grep -c ^DOTNET; readlink /proc/self | grep -c '^[0-9]*$'
            echo x > /proc/sys/kernel/hostname; rm /proc/1/comm; mkdir /proc/x; touch /proc/1/x
            """);
        result.Output.ShouldBe("sh\nsh\n-c\n/proc/1\npod-1\n0 1 2 0\n1\n");
        result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(4);
    }

    [Fact]
    public async Task Processes_are_the_container_s_own()
    {
        var host = Environment.ProcessId;
        await using var other = new Sandbox(command: ["sleep", "1000"]);
        var neighbour = other.Container.Start(new(null, new Collector(), new Collector()));
        var result = await Sandbox.ShAsync($"kill -9 {host}; kill -9 -1; ps -o pid > /tmp/ps; wc -l < /tmp/ps; kill -9 1; kill -9 $$; echo init lives");
        result.Output.ShouldBe("3\ninit lives\n");
        result.Errors.ShouldStartWith($"sh: can't kill pid {host}: No such process\n");
        neighbour.Exit.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task The_environment_is_the_container_s_own()
    {
        var result = await Sandbox.ShAsync("env | cut -d= -f1 | sort | tr '\n' ' '");
        result.Output.ShouldBe("HOME HOSTNAME PATH PWD SHLVL ");
    }

    [Fact]
    public void The_room_refers_to_nothing_that_would_reach_the_host()
    {
        string[] forbidden =
        [
            "System.IO.File", "System.IO.FileInfo", "System.IO.Directory", "System.IO.DirectoryInfo", "System.IO.FileStream", "System.IO.DriveInfo", "System.Diagnostics.Process", "System.Diagnostics.ProcessStartInfo",
            "System.Net.Sockets.Socket", "System.Net.Sockets.TcpClient", "System.Net.Sockets.TcpListener", "System.Net.Sockets.UdpClient", "System.Net.Dns", "System.Net.NetworkInformation.Ping",
            "System.Net.NetworkInformation.NetworkInterface", "System.Console", "System.Runtime.InteropServices.NativeLibrary", "System.Runtime.InteropServices.DllImportAttribute", "System.IO.Pipes.NamedPipeClientStream",
        ];
        using var file = new PEReader(File.OpenRead(typeof(ContainerRuntime).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var referred = metadata.TypeReferences.Select(metadata.GetTypeReference).Select(t => $"{metadata.GetString(t.Namespace)}.{metadata.GetString(t.Name)}").ToHashSet(StringComparer.Ordinal);
        referred.ShouldContain("System.IO.Stream");
        referred.Intersect(forbidden).ShouldBeEmpty();
        // Iterators ask for their thread's number; nothing else of the process is anybody's business.
        var environment = metadata.MemberReferences.Select(metadata.GetMemberReference).Where(m => m.Parent.Kind == HandleKind.TypeReference
            && metadata.GetTypeReference((TypeReferenceHandle)m.Parent) is var type && metadata.GetString(type.Namespace) == "System" && metadata.GetString(type.Name) == "Environment");
        environment.Select(m => metadata.GetString(m.Name)).Except(["get_CurrentManagedThreadId"]).ShouldBeEmpty();
    }
}
