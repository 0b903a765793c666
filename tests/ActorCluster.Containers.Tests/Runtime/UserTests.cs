using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tests.Runtime;

/// <summary>Containers whose processes are not root's.</summary>
public sealed class UserTests
{
    [Theory]
    [InlineData("id", "uid=1000 gid=3000 groups=2000,3000")]
    [InlineData("id -u; id -g; id -G", "1000\n3000\n2000 3000")]
    [InlineData("whoami", "whoami: unknown uid 1000")]
    [InlineData("echo $HOME", "/")]
    [InlineData("grep -E '^(Uid|Gid|Groups)' /proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nGid:\t3000\t3000\t3000\t3000\nGroups:\t2000 3000")]
    public Task Processes_know_who_they_are(string script, string expected) => PrintsAsync(script, expected);

    [Theory]
    [InlineData("touch /tmp/a; stat -c '%u %g %a' /tmp/a; mkdir /tmp/b; stat -c '%u %g' /tmp/b", "1000 3000 644\n1000 3000")]
    [InlineData("echo x > /etc/made", "sh: can't create /etc/made: Permission denied")]
    [InlineData("echo x >> /etc/passwd", "sh: can't create /etc/passwd: Permission denied")]
    [InlineData("ls /root", "ls: can't open '/root': Permission denied")]
    [InlineData("cat /root/x", "cat: can't open '/root/x': Permission denied")]
    [InlineData("rm /etc/hostname", "rm: can't remove '/etc/hostname': Permission denied")]
    [InlineData("chmod 777 /etc/passwd", "chmod: /etc/passwd: Operation not permitted")]
    [InlineData("chown 1000 /etc/passwd", "chown: /etc/passwd: Operation not permitted")]
    [InlineData("echo secret > /tmp/a; chmod 0 /tmp/a; cat /tmp/a", "cat: can't open '/tmp/a': Permission denied")]
    [InlineData("touch /tmp/a; chown :2000 /tmp/a; stat -c %g /tmp/a", "2000")]
    [InlineData("for way in r w x; do test -$way /etc/passwd && echo $way; done", "r")]
    [InlineData("echo seen > /dev/stdout; echo unseen > /dev/null", "seen")]
    public Task What_they_may_do_to_files_depends_on_it(string script, string expected) => PrintsAsync(script, expected);

    [Theory]
    [InlineData("nnp", false, "Effective uid: 0\n")]
    [InlineData("nnp", true, "Effective uid: 1000\n")]
    [InlineData("stat -c %a /usr/local/bin/nnp; (exec nnp)", false, "6755\nEffective uid: 0\n")]
    [InlineData("env nnp; sh -c 'nnp; true'", false, "Effective uid: 0\nEffective uid: 0\n")]
    [InlineData("cp /usr/local/bin/nnp /tmp/nnp; /tmp/nnp; chmod 4755 /tmp/nnp; /tmp/nnp", false, "Effective uid: 1000\nEffective uid: 1000\n")]
    [InlineData("grep NoNewPrivs /proc/self/status", true, "NoNewPrivs:\t1\n")]
    [InlineData("id -u", false, "1000\n")]
    public async Task A_program_with_the_set_user_bit_is_its_owners_unless_there_are_no_new_privileges(string script, bool noNewPrivileges, string expected)
    {
        await using var sandbox = new Sandbox(new NoNewPrivilegesImage(), ["sh", "-c", script], change: c => c with { UserId = 1000, NoNewPrivileges = noNewPrivileges });
        (await sandbox.RunAsync()).ShouldBe(new ScriptResult(0, expected, ""));
    }

    [Fact]
    public async Task A_program_given_to_somebody_else_is_not_theirs_to_run_as_any_more()
    {
        await using var sandbox = new Sandbox(new NoNewPrivilegesImage(), ["sh", "-c", "chown 7:7 /usr/local/bin/nnp; stat -c '%a %u' /usr/local/bin/nnp; nnp; chmod u+s /usr/local/bin/nnp; nnp"]);
        (await sandbox.RunAsync()).Output.ShouldBe("755 7\nEffective uid: 0\nEffective uid: 7\n");
    }

    [Fact]
    public async Task Nobody_takes_anothers_file_from_a_sticky_folder()
    {
        await using var sandbox = Create("rm /tmp/others");
        sandbox.Files.Open("/tmp/others", FileOpen.Write).Dispose();
        (await sandbox.RunAsync()).Errors.ShouldBe("rm: can't remove '/tmp/others': Operation not permitted\n");
    }

    [Fact]
    public async Task What_is_made_in_a_folder_with_the_setgid_bit_is_the_folders_groups()
    {
        var volume = Volumes.CreateEmptyDir("v", TimeProvider.System);
        Volumes.SetGroup(volume, 2000, readOnly: false);
        await using var sandbox = Create("stat -c '%a %g' /v; touch /v/a; mkdir /v/b; stat -c '%u %g' /v/a; stat -c '%a %g' /v/b", mounts: [new VolumeMount("/v", volume, "", false)]);
        (await sandbox.RunAsync()).Output.ShouldBe("2777 2000\n1000 2000\n2755 2000\n");
    }

    [Fact]
    public async Task A_published_file_is_readable_for_the_pods_group_only_if_it_is_given_to_it()
    {
        foreach (var (given, expected) in new[] { (false, "cat: can't open '/v/a': Permission denied\n"), (true, "one") })
        {
            var volume = Volumes.CreateProjected("v", TimeProvider.System);
            if (given) Volumes.SetGroup(volume, 2000, readOnly: true);
            Volumes.Publish(volume, new Dictionary<string, VolumeFile> { ["a"] = new("one"u8.ToArray(), 0b100_000_000) });
            await using var sandbox = Create("cat /v/a", mounts: [new VolumeMount("/v", volume, "", true)]);
            var result = await sandbox.RunAsync();
            (result.Output + result.Errors).ShouldBe(expected);
            if (given) volume.Files.Stat("/a").ShouldSatisfyAllConditions(status => status.Permissions.ShouldBe(0b100_100_000), status => status.GroupId.ShouldBe(2000));
        }
    }

    [Fact]
    public async Task With_a_read_only_root_only_what_is_mounted_can_be_written()
    {
        var volume = Volumes.CreateEmptyDir("v", TimeProvider.System);
        await using var sandbox = new Sandbox(
            command: ["sh", "-c", "echo a > /v/a && cat /v/a; echo told > /dev/termination-log; echo b > /tmp/b"], mounts: [new VolumeMount("/v", volume, "", false)],
            change: configuration => configuration with { ReadOnlyRoot = true, TerminationMessagePath = "/dev/termination-log" });
        var result = await sandbox.RunAsync();
        result.Output.ShouldBe("a\n");
        result.Errors.ShouldBe("sh: can't create /tmp/b: Read-only file system\n");
        sandbox.Files.Stat("/dev/termination-log").Length.ShouldBe(5);
    }

    [Fact]
    public async Task A_missing_sub_path_is_made_with_the_volumes_permissions()
    {
        var volume = Volumes.CreateEmptyDir("v", TimeProvider.System);
        await using var sandbox = Create("touch /v/a && stat -c %a /v", mounts: [new VolumeMount("/v", volume, "one/two", false)]);
        (await sandbox.RunAsync()).Output.ShouldBe("777\n");
    }

    private static async Task PrintsAsync(string script, string expected)
    {
        await using var sandbox = Create(script);
        var result = await sandbox.RunAsync();
        (result.Output + result.Errors).TrimEnd().ShouldBe(expected);
    }

    private static Sandbox Create(string script, IReadOnlyList<VolumeMount>? mounts = null) =>
        new(command: ["sh", "-c", script], mounts: mounts, change: configuration => configuration with { UserId = 1000, GroupId = 3000, Groups = [2000] });
}
