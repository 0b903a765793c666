using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tests.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Containers.Tests.FileSystem;

public sealed class VolumeTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Start);

    [Fact]
    public void Published_files_are_as_old_as_their_publication_whenever_somebody_looks()
    {
        var volume = Volumes.CreateProjected("config", _clock);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Volumes.Publish(volume, Files(("a", "one")));
        _clock.Advance(TimeSpan.FromHours(1));

        volume.Files.Stat("/a").Modified.ShouldBe(Start.AddMinutes(1));
        volume.Files.ReadLink("/..data").ShouldStartWith("..2026_11_26_09_01_00.");
    }

    [Fact]
    public void What_is_published_twice_before_anybody_looks_is_the_last()
    {
        var volume = Volumes.CreateProjected("config", _clock);
        Volumes.Publish(volume, Files(("a", "one"), ("b", "two")));
        Volumes.Publish(volume, Files(("a", "three")));

        volume.Files.List("/").Where(name => !name.StartsWith("..", StringComparison.Ordinal)).ShouldBe(["a"]);
    }

    [Fact]
    public void What_is_published_after_somebody_looked_is_seen_at_once()
    {
        var volume = Volumes.CreateProjected("config", _clock);
        Volumes.Publish(volume, Files(("a", "one")));
        volume.Files.Exists("/b").ShouldBeFalse();
        Volumes.Publish(volume, Files(("b", "two")));

        volume.Files.Exists("/b").ShouldBeTrue();
        volume.Files.Exists("/a").ShouldBeFalse();
    }

    [Fact]
    public void A_path_that_leads_out_is_refused_when_it_is_published() =>
        Should.Throw<FileFaultException>(() => Volumes.Publish(Volumes.CreateProjected("config", _clock), Files(("../a", "one"))));

    [Theory]
    [InlineData("/data", true)]
    [InlineData("/bin", false)]
    public async Task A_program_is_hidden_by_what_is_mounted_over_it_and_by_nothing_else(string mountPath, bool runs)
    {
        await using var sandbox = new Sandbox(command: ["/bin/sh", "-c", "exit 0"], mounts: [new VolumeMount(mountPath, Volumes.CreateEmptyDir("empty", _clock), "", ReadOnly: false)]);

        if (runs) (await sandbox.RunAsync()).Code.ShouldBe(0);
        else await Should.ThrowAsync<ProgramNotFoundException>(() => sandbox.RunAsync());
    }

    private static Dictionary<string, VolumeFile> Files(params (string Path, string Text)[] files) =>
        files.ToDictionary(file => file.Path, file => new VolumeFile(System.Text.Encoding.UTF8.GetBytes(file.Text)));
}
