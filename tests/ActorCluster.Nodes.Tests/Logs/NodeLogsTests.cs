using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Tests.Support;
using ActorCluster.Nodes.Volumes;
using Microsoft.Extensions.Time.Testing;
using VolumeMount = ActorCluster.Containers.Runtime.VolumeMount;

namespace ActorCluster.Nodes.Tests.Logs;

public class NodeLogsTests
{
    private const string Line = "2026-01-01T00:00:00.000000000Z stdout F ";
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly NodeLogs _logs;

    public NodeLogsTests() => _logs = new NodeLogs(_clock);

    private IFileSystem Files => _logs.Volume.Files;

    private ContainerLog Add(string container, int restarts, string id, string text, int limit = 10_000)
    {
        var log = new ContainerLog(_clock, limit);
        Write(log, text);
        _logs.Add(TestPods.Pod(), container, restarts, "actorcluster://" + id, log);
        return log;
    }

    private static void Write(ContainerLog log, string text) => log.Append(StreamChannel.Stdout, Encoding.UTF8.GetBytes(text));

    private string Read(string path)
    {
        using var reader = new StreamReader(Files.Open(path, FileOpen.Read));
        return reader.ReadToEnd();
    }

    [Fact]
    public void Logs_lie_where_the_kubelet_puts_them()
    {
        Add("main", 0, "a1", "one\n");
        Files.List("/").ShouldBe(["containers", "pods"]);
        Files.List("/pods").ShouldBe(["default_web_uid-of-web"]);
        Files.List("/pods/default_web_uid-of-web/main").ShouldBe(["0.log"]);
        Files.List("/containers").ShouldBe(["web_default_main-a1.log"]);
        Files.ReadLink("/containers/web_default_main-a1.log").ShouldBe("/var/log/pods/default_web_uid-of-web/main/0.log");
        Read("/pods/default_web_uid-of-web/main/0.log").ShouldBe(Line + "one\n");
        Files.Stat("/pods/default_web_uid-of-web/main/0.log").Length.ShouldBe(Line.Length + 4);
        Should.Throw<FileFaultException>(() => Files.Open("/pods/default_web_uid-of-web/main/0.log", FileOpen.Append));
        Should.Throw<FileFaultException>(() => Files.CreateDirectory("/pods/other"));
    }

    [Fact]
    public void The_last_two_instances_of_a_container_have_logs_and_none_when_the_pod_is_gone()
    {
        for (var i = 0; i < 3; i++) Add("main", i, $"id{i}", $"{i}\n");
        Files.List("/pods/default_web_uid-of-web/main").ShouldBe(["1.log", "2.log"]);
        Files.List("/containers").ShouldBe(["web_default_main-id2.log"]);
        _logs.Forget(TestPods.Pod());
        Files.List("/pods").ShouldBeEmpty();
        Files.List("/containers").ShouldBeEmpty();
    }

    [Fact]
    public void An_open_log_grows_as_the_container_writes()
    {
        var log = Add("main", 0, "a1", "one\n");
        using var stream = Files.Open("/pods/default_web_uid-of-web/main/0.log", FileOpen.Read);
        var buffer = new byte[1000];
        Next().ShouldBe(Line + "one\n");
        Next().ShouldBe("");
        Write(log, "two\nthree\n");
        Next().ShouldBe($"{Line}two\n{Line}three\n");
        stream.Position.ShouldBe(stream.Length);
        stream.Position = Line.Length + 4 + 5;
        Next().ShouldBe($"{Line[5..]}two\n{Line}three\n");

        string Next() => Encoding.UTF8.GetString(buffer, 0, stream.Read(buffer, 0, buffer.Length));
    }

    [Fact]
    public void What_a_log_no_longer_keeps_still_counts_for_the_place_of_the_rest()
    {
        var log = Add("main", 0, "a1", "one\n", limit: 8);
        using var stream = Files.Open("/pods/default_web_uid-of-web/main/0.log", FileOpen.Read);
        Write(log, "two\nthree\nfour\n");
        stream.Length.ShouldBe(4 * Line.Length + 4 + 4 + 6 + 5);
        stream.Position = 3 * Line.Length + 4 + 4 + 6;
        using var reader = new StreamReader(stream);
        reader.ReadToEnd().ShouldBe(Line + "four\n");
    }

    [Theory]
    [InlineData("/var/log", "/var/log", "/var/log=host:var/log /var/log/containers=logs:containers /var/log/pods=logs:pods")]
    [InlineData("/", "/host", "/host=host: /host/var/log/containers=logs:containers /host/var/log/pods=logs:pods")]
    [InlineData("/var/log/pods", "/pods", "/pods=logs:pods")]
    [InlineData("/var/log/pods/a/b", "/x", "/x=logs:pods/a/b")]
    [InlineData("/var/log/podsmith", "/x", "/x=host:var/log/podsmith")]
    [InlineData("/srv", "/x", "/x=host:srv")]
    public void Host_paths_show_them_wherever_they_are_in_sight(string path, string mountPath, string expected)
    {
        var host = Containers.FileSystem.Volumes.CreateEmptyDir("host", _clock);
        string.Join(' ', LogMounts.Of(new VolumeMount(mountPath, host, path.Trim('/'), false), _logs.Volume).Select(mount => $"{mount.MountPath}={mount.Volume.Name}:{mount.SubPath}")).ShouldBe(expected);
    }
}
