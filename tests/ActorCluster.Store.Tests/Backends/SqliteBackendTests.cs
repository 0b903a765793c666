using ActorCluster.Store.Backends;
using Microsoft.Data.Sqlite;
using static ActorCluster.Store.Tests.Objects;

namespace ActorCluster.Store.Tests.Backends;

public sealed class SqliteBackendTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorcluster-store-").FullName;

    private string StoreFile => Path.Combine(_folder, "store.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_acknowledged_survives_a_process_that_ends_without_a_word()
    {
        // A copy of the files taken under a live store is what kill -9 leaves behind.
        await using var store = await ObjectStore.OpenAsync(new SqliteBackend(StoreFile), Simulation());
        for (var i = 0; i < 20; i++) await store.WriteAsync(Put(Pod($"p{i}"), 0));
        var copy = Path.Combine(_folder, "copy.db");
        File.Copy(StoreFile, copy);
        File.Copy(StoreFile + "-wal", copy + "-wal");

        await using var survivor = await ObjectStore.OpenAsync(new SqliteBackend(copy), Simulation());

        survivor.Snapshot.Count(Pods).ShouldBe(20);
        survivor.Snapshot.Revision.ShouldBe(20);
    }

    [Fact]
    public async Task Its_files_are_for_their_owner_alone()
    {
        if (OperatingSystem.IsWindows()) return;
        await using var store = await ObjectStore.OpenAsync(new SqliteBackend(StoreFile), Simulation());
        await store.WriteAsync(Put(Pod("p"), 0));
        foreach (var file in Directory.GetFiles(_folder)) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Fact]
    public async Task A_log_cut_off_anywhere_gives_a_consistent_earlier_state()
    {
        await using var store = await ObjectStore.OpenAsync(new SqliteBackend(StoreFile), Simulation());
        for (var i = 0; i < 10; i++) await store.WriteAsync(Put(Pod($"a{i}"), 0), Put(Pod($"b{i}"), 0));
        var log = await ReadSharedAsync(StoreFile + "-wal");
        var main = await ReadSharedAsync(StoreFile);

        for (var cut = 1; cut <= 8; cut++)
        {
            var copy = Path.Combine(_folder, $"cut{cut}.db");
            await File.WriteAllBytesAsync(copy, main);
            await File.WriteAllBytesAsync(copy + "-wal", log[..(log.Length * cut / 8 - 1)]);
            await using var survivor = await ObjectStore.OpenAsync(new SqliteBackend(copy), Simulation());
            var names = survivor.Snapshot.List(Pods).Select(pod => pod.Key.Name).ToList();
            names.Count.ShouldBe((int)survivor.Snapshot.Revision);
            names.Count(name => name[0] == 'a').ShouldBe(names.Count(name => name[0] == 'b'));
        }
    }

    [Fact]
    public async Task A_damaged_file_is_named_with_what_to_do()
    {
        await File.WriteAllTextAsync(StoreFile, string.Join('\n', Enumerable.Repeat("this is no database", 500)));

        var error = await OpenFailsAsync();

        error.ShouldContain(StoreFile);
        error.ShouldContain("damaged");
        error.ShouldContain("backup");
    }

    [Fact]
    public async Task Damage_inside_the_file_is_found_when_it_is_loaded()
    {
        await using (var store = await ObjectStore.OpenAsync(new SqliteBackend(StoreFile), Simulation()))
            for (var i = 0; i < 200; i++) await store.WriteAsync(Put(Pod($"p{i}"), 0, new string('x', 500)));
        var bytes = await File.ReadAllBytesAsync(StoreFile);
        new Contracts.Runtime.RandomSource(1).NextBytes(bytes.AsSpan(8_192, 60_000));
        await File.WriteAllBytesAsync(StoreFile, bytes);

        (await OpenFailsAsync()).ShouldContain("damaged");
    }

    [Fact]
    public async Task A_database_of_another_program_is_left_alone()
    {
        await using (var connection = new SqliteConnection($"Data Source={StoreFile};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (x)";
            await command.ExecuteNonQueryAsync();
        }

        (await OpenFailsAsync()).ShouldContain("another program");
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_left_alone()
    {
        await using (await ObjectStore.OpenAsync(new SqliteBackend(StoreFile), Simulation())) SqliteConnection.ClearAllPools();
        await using (var connection = new SqliteConnection($"Data Source={StoreFile};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            await command.ExecuteNonQueryAsync();
        }

        (await OpenFailsAsync()).ShouldContain("newer");
    }

    [Fact]
    public async Task A_path_that_cannot_be_a_file_is_named_with_what_to_do()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");
        var error = await Should.ThrowAsync<StorageException>(
            () => ObjectStore.OpenAsync(new SqliteBackend(Path.Combine(_folder, "file", "store.db")), Simulation()));
        error.Message.ShouldContain("choose another folder");

        Directory.CreateDirectory(StoreFile);
        (await OpenFailsAsync()).ShouldContain("can't be written");
    }

    private async Task<string> OpenFailsAsync()
    {
        await using var backend = new SqliteBackend(StoreFile);
        return (await Should.ThrowAsync<StorageException>(() => ObjectStore.OpenAsync(backend, Simulation()))).Message;
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes);
        return bytes;
    }
}
