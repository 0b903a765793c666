using ActorCluster.Host.Launch;

namespace ActorCluster.Host.Tests.Launch;

public sealed class LogFilesTests
{
    [Fact]
    public void Each_life_has_its_log_and_only_so_many_are_kept()
    {
        using var folder = new TemporaryFolder();
        var log = folder.File("worker-1.log");
        for (var life = 1; life <= 8; life++)
        {
            LogFiles.Roll(log);
            File.WriteAllText(log, $"life {life}");
        }

        File.ReadAllText(log).ShouldBe("life 8");
        File.ReadAllText(folder.File("worker-1.1.log")).ShouldBe("life 7");
        File.ReadAllText(folder.File("worker-1.5.log")).ShouldBe("life 3");
        Directory.GetFiles(folder.Path).Length.ShouldBe(6);
    }

    [Fact]
    public void The_tail_is_the_last_lines_also_of_a_file_that_is_being_written()
    {
        using var folder = new TemporaryFolder();
        var log = folder.File("x.log");
        using var writer = new StreamWriter(new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        for (var line = 1; line <= 5000; line++) writer.WriteLine($"line number {line}, somewhat longer than need be");
        LogFiles.Tail(log, 2).ShouldBe($"line number 4999, somewhat longer than need be{Environment.NewLine}line number 5000, somewhat longer than need be");
        LogFiles.Tail(folder.File("absent.log"), 2).ShouldBe("");
    }
}
