using System.Collections.Immutable;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Nodes.Volumes;

namespace ActorCluster.Nodes.Tests.Volumes;

public sealed class NodeFilesTests
{
    private static readonly ImmutableArray<string> Addresses = ["172.18.0.2", "fc00:f853:ccd:e793::2"];

    private readonly NodeDisk _disk = new(TimeProvider.System, null);

    [Fact]
    public void Whoever_looks_at_a_node_finds_its_names_and_addresses()
    {
        var files = Started().FilesOfHost().Files;

        Read(files, "/etc/hostname").ShouldBe("worker-1\n");
        Read(files, "/etc/hosts").ShouldContain("172.18.0.2\tworker-1\nfc00:f853:ccd:e793::2\tworker-1\n");
        Read(files, "/etc/os-release").ShouldContain("NAME=\"ActorCluster\"");
        Read(files, "/etc/resolv.conf").ShouldContain("nameserver 172.18.0.1");
        files.List("/").ShouldBe(["etc", "home", "opt", "root", "srv", "tmp", "var"], ignoreOrder: true);
        files.Exists("/var/lib/kubelet").ShouldBeTrue();
    }

    [Fact]
    public void What_a_pod_changed_stays_but_for_what_every_start_gives_the_node_anew()
    {
        var files = Started().FilesOfHost().Files;
        foreach (var path in (string[])["/etc/motd", "/etc/hostname", "/srv/data"]) Write(files, path, "mine");

        Read(_disk.FilesOfHost().Files, "/etc/hostname").ShouldBe("mine"); // the same life
        Started().FilesOfHost();

        (Read(files, "/etc/motd"), Read(files, "/srv/data"), Read(files, "/etc/hostname")).ShouldBe(("mine", "mine", "worker-1\n"));
    }

    private NodeDisk Started()
    {
        _disk.Start(NodeFiles.Of("worker-1", Addresses));
        return _disk;
    }

    private static string Read(IFileSystem files, string path)
    {
        using var reader = new StreamReader(files.Open(path, FileOpen.Read));
        return reader.ReadToEnd();
    }

    private static void Write(IFileSystem files, string path, string text)
    {
        using var writer = new StreamWriter(files.Open(path, FileOpen.Write));
        writer.Write(text);
    }
}
