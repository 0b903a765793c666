using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tests.Runtime;

namespace ActorCluster.Containers.Tests.Programs;

public sealed class MountTestTests
{
    [Fact]
    public async Task It_makes_a_file_as_asked_for_and_tells_of_it()
    {
        var (code, output) = await RunAsync(Volumes.CreateEmptyDir("v", TimeProvider.System, inMemory: true), "--fs_type=/v", "--new_file_0666=/v/a", "--file_perm=/v/a", "--file_mode=/v", "--file_owner=/v/a");
        output.ShouldBe("""
            mount type of "/v": tmpfs
            content of file "/v/a": mount-tester new file

            mode of file "/v": dtrwxrwxrwx
            perms of file "/v/a": -rw-rw-rw-
            owner UID of "/v/a": 0
            owner GID of "/v/a": 0

            """);
        code.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_not_there_is_told_of_and_fails_it()
    {
        var (code, output) = await RunAsync(Volumes.CreateEmptyDir("v", TimeProvider.System), "--fs_type=/v", "--file_mode=/v/a", "--file_content=/v/a", "--file_owner", "/v/a");
        output.ShouldBe("""
            mount type of "/v": 61267
            error from Stat("/v/a"): stat /v/a: no such file or directory
            error from stat("/v/a"): no such file or directory
            error reading file content for "/v/a": open /v/a: no such file or directory

            """);
        code.ShouldBe(1);
    }

    [Fact]
    public async Task A_volume_that_is_published_shows_links_to_files_of_their_mode()
    {
        var volume = Volumes.CreateProjected("v", TimeProvider.System);
        Volumes.Publish(volume, new Dictionary<string, VolumeFile> { ["a"] = new("one"u8.ToArray(), 0b100_000_000) });
        var (_, output) = await RunAsync(volume, "--file_mode=/v/a", "--file_content=/v/a");
        output.ShouldBe("mode of file \"/v/a\": -r--------\ncontent of file \"/v/a\": one\n");
    }

    [Fact]
    public async Task It_reads_a_file_until_that_says_what_is_expected()
    {
        var volume = Volumes.CreateEmptyDir("v", TimeProvider.System);
        using (var file = volume.Files.Open("/a", FileOpen.Write)) file.Write("mount-tester new file\n"u8);
        var (code, output) = await RunAsync(volume, "--file_content_in_loop=/v/a", "--retry_time=20");
        (code, output).ShouldBe((0, "content of file \"/v/a\": mount-tester new file\n\n"));
    }

    private static async Task<(int Code, string Output)> RunAsync(IVolume volume, params string[] flags)
    {
        await using var sandbox = new Sandbox(new AgnHostImage(), ["/agnhost", "mounttest", .. flags], mounts: [new VolumeMount("/v", volume, "", false)]);
        var result = await sandbox.RunAsync();
        return (result.Code, result.Output);
    }
}
