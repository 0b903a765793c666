using System.Text;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Nodes.Tests.Logs;

public class NodeLogFolderTests
{
    [Fact]
    public void A_folder_without_pods_is_there_and_empty()
    {
        var folder = new NodeLogFolder([], []);
        folder.Folder("").ShouldBe(["containers/", "pods/"]);
        folder.Folder("pods").ShouldBe([]);
        folder.Folder("elsewhere").ShouldBeNull();
        folder.Folder("pod").ShouldBeNull();
        folder.File("pods").ShouldBeNull();
    }

    [Fact]
    public void A_pods_folder_is_there_before_its_containers_are()
    {
        var folder = new NodeLogFolder([TestPods.Pod(), TestPods.Pod("api")], []);
        folder.Folder("pods").ShouldBe(["default_api_uid-of-api/", "default_web_uid-of-web/"]);
        folder.Folder("pods/default_web_uid-of-web").ShouldBe([]);
    }

    [Fact]
    public void Only_the_containers_of_the_path_need_to_be_known()
    {
        var pods = new[] { TestPods.Pod(init: [TestPods.Container("first")]), TestPods.Pod("api") };
        Needs("").ShouldBeEmpty();
        Needs("pods").ShouldBeEmpty();
        Needs("pods/default_web_uid-of-web/main/0.log").ShouldBe(["web first", "web main"]);
        Needs("containers").ShouldBe(["web first", "web main", "api main"]);

        IEnumerable<string> Needs(string path) => NodeLogFolder.Needs(pods, path).Select(needed => $"{needed.Pod.Metadata.Name} {needed.Container}");
    }

    [Fact]
    public void A_log_file_tells_time_and_stream_of_each_line_and_what_is_no_whole_line()
    {
        var log = new ContainerLog(new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), 1000);
        log.Append(StreamChannel.Stdout, "hello\n"u8);
        log.Append(StreamChannel.Stderr, "oh"u8);
        log.Complete();
        Encoding.UTF8.GetString(LogFile.Render(log)).ShouldBe("2026-01-01T00:00:00.000000000Z stdout F hello\n2026-01-01T00:00:00.000000000Z stderr P oh\n");
    }
}
