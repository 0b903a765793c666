using ActorCluster.Host.Launch;

namespace ActorCluster.Host.Tests.Launch;

public sealed class KubeconfigCopyTests
{
    private const string Others = """
        apiVersion: v1
        kind: Config
        clusters:
        - name: production
          cluster:
            server: https://production.example:6443
        users:
        - name: me
          user:
            token: secret
        contexts:
        - name: production
          context:
            cluster: production
            user: me
        current-context: production
        """;

    [Fact]
    public void A_new_file_holds_the_cluster_and_only_its_owner_reads_it()
    {
        using var folder = new TemporaryFolder();
        var (source, target) = (Source(folder, "one"), folder.File("sub/config"));
        KubeconfigCopy.Write(source, target);
        var text = File.ReadAllText(target);
        text.ShouldContain("current-context: actorcluster-one");
        text.ShouldContain("https://127.0.0.1:1");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(target).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void The_users_other_clusters_stay_when_ours_comes_and_goes()
    {
        using var folder = new TemporaryFolder();
        var target = folder.File("config");
        File.WriteAllText(target, Others);
        KubeconfigCopy.Write(Source(folder, "one"), target);
        var with = File.ReadAllText(target);
        with.ShouldContain("https://production.example:6443");
        with.ShouldContain("token: secret");
        with.ShouldContain("current-context: actorcluster-one");
        KubeconfigCopy.Remove(target, "one");
        var without = File.ReadAllText(target);
        without.ShouldContain("https://production.example:6443");
        without.ShouldNotContain("actorcluster-one");
    }

    [Fact]
    public void Writing_twice_leaves_one_entry_and_removing_the_last_removes_the_file()
    {
        using var folder = new TemporaryFolder();
        var target = folder.File("config");
        KubeconfigCopy.Write(Source(folder, "one"), target);
        KubeconfigCopy.Write(Source(folder, "one"), target);
        KubeconfigCopy.Write(Source(folder, "two"), target);
        File.ReadAllText(target).Split("server: https://127.0.0.1:1").Length.ShouldBe(3);
        KubeconfigCopy.Remove(target, "one");
        File.ReadAllText(target).ShouldContain("actorcluster-two");
        KubeconfigCopy.Remove(target, "two");
        File.Exists(target).ShouldBeFalse();
    }

    [Fact]
    public void Clusters_that_write_at_the_same_time_are_all_in_the_file()
    {
        using var folder = new TemporaryFolder();
        var target = folder.File("config");
        string[] names = [.. Enumerable.Range(0, 16).Select(number => $"cluster{number:00}")];
        var sources = names.Select(name => Source(folder, name)).ToArray();
        var writers = sources.Select(source => new Thread(() => KubeconfigCopy.Write(source, target))).ToList();
        writers.ForEach(writer => writer.Start());
        writers.ForEach(writer => writer.Join());
        var written = File.ReadAllText(target);
        foreach (var name in names) written.ShouldContain($"name: actorcluster-{name}");
    }

    [Theory]
    [InlineData("- just\n- a list\n")]
    [InlineData("{ unbalanced")]
    public void A_file_that_is_no_kubeconfig_is_refused_and_left_as_it_was(string text)
    {
        using var folder = new TemporaryFolder();
        var target = folder.File("config");
        File.WriteAllText(target, text);
        Should.Throw<ClusterCommandException>(() => KubeconfigCopy.Write(Source(folder, "one"), target)).Message.ShouldContain(target);
        KubeconfigCopy.Remove(target, "one");
        File.ReadAllText(target).ShouldBe(text);
    }

    private static string Source(TemporaryFolder folder, string name)
    {
        var path = folder.File($"{name}.source");
        File.WriteAllText(path, $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: actorcluster-{{name}}
              cluster:
                server: https://127.0.0.1:1
            users:
            - name: actorcluster-{{name}}
              user: {}
            contexts:
            - name: actorcluster-{{name}}
              context:
                cluster: actorcluster-{{name}}
                user: actorcluster-{{name}}
            current-context: actorcluster-{{name}}
            """);
        return path;
    }
}
