using System.Text.RegularExpressions;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Tests.Support;
using Xunit.Abstractions;

namespace ActorCluster.Nodes.Tests.Streams;

public sealed partial class AgentStreamSpecs(ITestOutputHelper output) : NodeSpec(output)
{
    [Fact]
    public async Task The_agent_tells_its_health()
    {
        await StartAsync();
        (await AskAsync("/healthz")).ShouldBe((AgentAnswer.Plain, "ok"));
    }

    [Fact]
    public async Task The_agent_serves_the_nodes_folder_of_logs()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod(containers: [TestPods.Container("main", "test/sleeper", "/bin/say-and-stay", "hello")]));
        await EventuallyAsync(() => LogsAsync().GetAwaiter().GetResult().ShouldBe("hello\n"));

        (await AskAsync("/logs/")).ShouldBe((new AgentAnswer(200, AgentAnswer.Html), "<pre>\n<a href=\"containers/\">containers/</a>\n<a href=\"pods/\">pods/</a>\n</pre>\n"));
        (await AskAsync("/logs/pods/")).Body.ShouldBe("<pre>\n<a href=\"default_web_uid-of-web/\">default_web_uid-of-web/</a>\n</pre>\n");
        (await AskAsync("/logs/pods/default_web_uid-of-web/main/")).Body.ShouldBe("<pre>\n<a href=\"0.log\">0.log</a>\n</pre>\n");
        var file = await AskAsync("/logs/pods/default_web_uid-of-web/main/0.log");
        file.Head.ShouldBe(AgentAnswer.Plain);
        file.Body.ShouldMatch(@"\A2026-01-01T\S+Z stdout F hello\n\z");
        var link = Link().Match((await AskAsync("/logs/containers/")).Body).Groups[1].Value;
        link.ShouldMatch(@"\Aweb_default_main-[0-9a-f]{64}\.log\z");
        (await AskAsync("/logs/containers/" + link)).Body.ShouldBe(file.Body);
    }

    [Fact]
    public async Task A_restarted_container_has_a_file_for_the_instance_before_too()
    {
        await StartAsync();
        Api.Put(TestPods.Pod(containers: [TestPods.Container("main", "test/sleeper", "/bin/exit", "1")]));
        await EventuallyAsync(() => Container().RestartCount.ShouldBe(1), TimeSpan.FromSeconds(1));
        await EventuallyAsync(() => AskAsync("/logs/pods/default_web_uid-of-web/main/").GetAwaiter().GetResult().Body
            .ShouldBe("<pre>\n<a href=\"0.log\">0.log</a>\n<a href=\"1.log\">1.log</a>\n</pre>\n"));
    }

    [Fact]
    public async Task Folders_end_with_a_slash_and_files_do_not()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod());
        (await AskAsync("/logs")).Head.ShouldBe(new AgentAnswer(301, AgentAnswer.PlainText, "logs/"));
        (await AskAsync("/logs/pods")).Head.ShouldBe(new AgentAnswer(301, AgentAnswer.PlainText, "pods/"));
        (await AskAsync("/logs/pods/default_web_uid-of-web/main/0.log/")).Head.ShouldBe(new AgentAnswer(301, AgentAnswer.PlainText, "../0.log"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/logsandmore")]
    [InlineData("/logs/etc/passwd")]
    [InlineData("/logs/../../etc/passwd")]
    [InlineData("/logs/pods/%2e%2e/containers/")]
    [InlineData("/stats/summary")]
    public async Task There_is_nothing_else(string path)
    {
        await StartAsync();
        using var peer = new TestPeer();
        var refused = await Should.ThrowAsync<ContainerStreamException>(() => Handler().HandleAsync(new AgentRequest(path), peer));
        (refused.StatusCode, refused.Message).ShouldBe((404, "404 page not found"));
        (peer.Error, peer.Stdout).ShouldBe(("", ""));
    }

    private async Task<(AgentAnswer Head, string Body)> AskAsync(string path)
    {
        using var peer = new TestPeer();
        await Handler().HandleAsync(new AgentRequest(path), peer);
        return (AgentAnswer.FromBytes(System.Text.Encoding.UTF8.GetBytes(peer.Error)), peer.Stdout);
    }

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Link();
}
