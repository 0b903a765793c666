using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Nodes.Volumes;
using Microsoft.Extensions.Time.Testing;
using SharedVolumes = ActorCluster.Containers.FileSystem.Volumes;

namespace ActorCluster.Nodes.Tests.Volumes;

/// <summary>Volumes that are kept on the real disk, and what a process finds that comes after one that was killed.</summary>
public sealed class StoredVolumeTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 9, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("volume").FullName;

    private string Journal => Path.Combine(_folder, "pod", "data.journal");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Everything_about_the_files_is_there_again()
    {
        var first = Open();
        first.Files.CreateDirectory("/a", 0b111_000_000);
        Write(first, "/a/text", "some text");
        first.Files.SetOwner("/a/text", 1000, 2000);
        first.Files.SetPermissions("/a/text", 0b100_110_100_000);
        first.Files.SetModified("/a/text", _clock.GetUtcNow().AddDays(-1));
        first.Files.CreateSymbolicLink("/link", "a/text");
        first.Files.CreateLink("/a/text", "/second");
        Write(first, "/a b\n\"'\\\u00ff\ud800..", "odd");
        Write(first, "/gone", "x");
        first.Files.Remove("/gone");
        Write(first, "/before", "moved");
        Write(first, "/after", "replaced");
        first.Files.Rename("/before", "/after");
        using (var file = first.Files.Open("/sparse", FileOpen.ReadWrite)) file.SetLength(10_000);
        using (var file = first.Files.Open("/sparse", FileOpen.Append)) file.Write("end"u8);
        var (expected, used) = (Tree(first), first.UsedBytes);
        first.Close();

        var second = Open();
        Tree(second).ShouldBe(expected);
        second.UsedBytes.ShouldBe(used);
        second.Files.Stat("/a/text").ShouldBe(new FileStatus(FileKind.Regular, 9, 0b100_110_100_000, 1000, 2000, _clock.GetUtcNow().AddDays(-1)) { Links = 2 });
        Write(second, "/second", "both");
        Read(second, "/a/text").ShouldBe("both");
        second.Close();
    }

    [Fact]
    public void Whatever_part_of_the_last_change_was_written_those_before_it_are_whole()
    {
        var first = Open();
        Write(first, "/kept", "kept");
        var before = new FileInfo(Journal).Length;
        Write(first, "/last", "last");
        first.Close();
        var whole = File.ReadAllBytes(Journal);

        for (var length = before; length < whole.Length; length++)
        {
            File.WriteAllBytes(Journal, whole[..(int)length]);
            var next = Open();
            Read(next, "/kept").ShouldBe("kept");
            Write(next, "/new", "new");
            next.Close();
            var again = Open();
            Read(again, "/new").ShouldBe("new");
            again.Close();
        }
    }

    [Fact]
    public void A_damaged_record_ends_what_is_believed()
    {
        var first = Open();
        Write(first, "/kept", "kept");
        var before = new FileInfo(Journal).Length;
        Write(first, "/spoilt", "spoilt");
        first.Close();
        var bytes = File.ReadAllBytes(Journal);
        bytes[before + 10] ^= 1;
        File.WriteAllBytes(Journal, bytes);

        var second = Open();
        second.Files.List("/").ShouldBe(["kept"]);
        second.Close();
    }

    [Fact]
    public void Random_changes_leave_the_same_files_in_memory_and_on_disk_however_often_it_is_opened_anew()
    {
        var random = new Random(7);
        var (stored, plain) = (Open(), SharedVolumes.CreateEmptyDir("plain", _clock));
        for (var step = 0; step < 2000; step++)
        {
            var (kind, one, other, size) = (random.Next(8), Name(random), Name(random), random.Next(3000));
            _clock.Advance(TimeSpan.FromSeconds(1));
            Attempt(stored, kind, one, other, size).ShouldBe(Attempt(plain, kind, one, other, size));
            if (step % 97 != 0) continue;
            stored.Close();
            stored = Open();
            Tree(stored).ShouldBe(Tree(plain));
            stored.UsedBytes.ShouldBe(plain.UsedBytes);
        }
        stored.Close();
    }

    [Fact]
    public void A_file_that_is_written_over_and_over_does_not_fill_the_disk()
    {
        var volume = Open();
        Write(volume, "/other", "other");
        var block = new byte[100_000];
        for (var round = 0; round < 100; round++)
        {
            block[0] = (byte)round;
            using var file = volume.Files.Open("/file", FileOpen.Write);
            file.Write(block);
        }
        new FileInfo(Journal).Length.ShouldBeLessThan(3 << 20);
        volume.Close();

        var second = Open();
        using (var file = second.Files.Open("/file", FileOpen.Read)) file.ReadByte().ShouldBe(99);
        Read(second, "/other").ShouldBe("other");
        second.Close();
    }

    [Fact]
    public void Nothing_is_written_once_it_is_closed_and_nothing_changes()
    {
        var volume = Open();
        Write(volume, "/file", "text");
        volume.Close();

        Should.Throw<FileFaultException>(() => Write(volume, "/file", "other")).Fault.ShouldBe(FileFault.InputOutput);
        Should.Throw<FileFaultException>(() => volume.Files.CreateDirectory("/folder")).Fault.ShouldBe(FileFault.InputOutput);
        Should.Throw<FileFaultException>(() => volume.Files.SetPermissions("/file", 0)).Fault.ShouldBe(FileFault.InputOutput);
        Should.Throw<FileFaultException>(() => volume.Files.Remove("/file")).Fault.ShouldBe(FileFault.InputOutput);
        Read(volume, "/file").ShouldBe("text");
        volume.Files.List("/").ShouldBe(["file"]);
        volume.Files.Stat("/file").Permissions.ShouldNotBe(0);
    }

    [Fact]
    public void Two_do_not_have_it_at_once()
    {
        var volume = Open();
        Write(volume, "/file", "text");
        Should.Throw<FileFaultException>(() => Open().Files.List("/")).Fault.ShouldBe(FileFault.InputOutput);
        volume.Close();
        var second = Open();
        Read(second, "/file").ShouldBe("text");
        second.Close();
    }

    [Fact]
    public void What_is_no_journal_is_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Journal)!);
        File.WriteAllText(Journal, "something else");
        Should.Throw<FileFaultException>(() => Open().Files.List("/")).Fault.ShouldBe(FileFault.InputOutput);
        File.ReadAllText(Journal).ShouldBe("something else");
    }

    [Fact]
    public void A_volume_that_nobody_looks_into_is_not_on_the_disk()
    {
        Open().UsedBytes.ShouldBe(0);
        Directory.Exists(Path.GetDirectoryName(Journal)).ShouldBeFalse();
    }

    private IVolume Open() => SharedVolumes.CreateStored("data", _clock, new JournalFile(Journal));

    private static string Name(Random random) => $"/{(char)('a' + random.Next(3))}" + (random.Next(2) == 0 ? "" : $"/{(char)('a' + random.Next(3))}");

    private static FileFault? Attempt(IVolume volume, int kind, string one, string other, int size)
    {
        try
        {
            switch (kind)
            {
                case 0: volume.Files.CreateDirectory(one); break;
                case 1: volume.Files.Remove(one); break;
                case 2: volume.Files.Rename(one, other); break;
                case 3: volume.Files.CreateLink(one, other); break;
                case 4: volume.Files.CreateSymbolicLink(one, other); break;
                case 5: volume.Files.SetOwner(one, size, size); break;
                case 6:
                    using (var file = volume.Files.Open(one, FileOpen.ReadWrite)) file.SetLength(size);
                    break;
                default:
                    using (var file = volume.Files.Open(one, FileOpen.Append)) file.Write(new byte[size]);
                    break;
            }
            return null;
        }
        catch (FileFaultException fault)
        {
            return fault.Fault;
        }
    }

    private static void Write(IVolume volume, string path, string text)
    {
        using var file = volume.Files.Open(path, FileOpen.Write);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    private static string Read(IVolume volume, string path)
    {
        using var reader = new StreamReader(volume.Files.Open(path, FileOpen.Read));
        return reader.ReadToEnd();
    }

    /// <summary>All that can be seen of a volume's files.</summary>
    private static List<string> Tree(IVolume volume, string folder = "")
    {
        var lines = new List<string>();
        foreach (var name in volume.Files.List(folder + "/"))
        {
            var path = $"{folder}/{name}";
            var status = volume.Files.Stat(path, followLinks: false);
            var content = status.Kind switch
            {
                FileKind.Regular => Read(volume, path),
                FileKind.SymbolicLink => volume.Files.ReadLink(path),
                _ => "",
            };
            lines.Add($"{path} {status} {content}");
            if (status.Kind == FileKind.Directory) lines.AddRange(Tree(volume, path));
        }
        return lines;
    }
}
