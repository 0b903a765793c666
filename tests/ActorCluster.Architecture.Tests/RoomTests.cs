using System.Xml.Linq;

namespace ActorCluster.Architecture.Tests;

/// <summary>The rooms of src/ and what each may know. Read from the project files, which is what the compiler goes by.</summary>
public sealed class RoomTests
{
    private const string Prefix = "ActorCluster.";
    private static readonly string Root = FindRoot();

    /// <summary>Direct references. A room may use whatever it reaches through them.</summary>
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["Api"] = [],
        ["Contracts"] = ["Api"],
        ["Store"] = ["Contracts"],
        ["ApiServer"] = ["Contracts"],
        ["Controllers"] = ["Contracts"],
        ["Network"] = ["Contracts"],
        ["Containers"] = ["Network"],
        ["Nodes"] = ["Containers", "Network"],
        ["Host"] = ["ApiServer", "Controllers", "Nodes", "Store"],
        ["Cli"] = ["Dashboard", "Host"],
        ["Dashboard"] = ["Api"],
        ["TestKit"] = ["Host"],
    };

    public static TheoryData<string> RoomNames => [.. Rooms.Keys];

    [Fact]
    public void Every_room_is_known_here() =>
        Projects("src").Keys.Order().ShouldBe(Rooms.Keys.Order());

    [Theory]
    [MemberData(nameof(RoomNames))]
    public void A_room_references_just_what_it_may_know(string room) =>
        References(Projects("src")[room]).Order().ShouldBe(Rooms[room].Order());

    [Theory]
    [MemberData(nameof(RoomNames))]
    public void A_room_names_no_other_room_that_it_can_not_see(string room)
    {
        var seen = Reachable(room);
        var forbidden = Rooms.Keys.Where(other => !seen.Contains(other)).ToList();
        var offences =
            from file in SourceFiles(Path.GetDirectoryName(Projects("src")[room])!)
            from line in File.ReadLines(file)
            where line.StartsWith("using ", StringComparison.Ordinal)
            from other in forbidden
            where line.Contains($"{Prefix}{other};", StringComparison.Ordinal) || line.Contains($"{Prefix}{other}.", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Root, file)}: {line}";
        offences.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(RoomNames))]
    public void A_rooms_namespaces_are_its_folders(string room)
    {
        var folder = Path.GetDirectoryName(Projects("src")[room])!;
        var offences =
            from file in SourceFiles(folder)
            let words = Path.GetRelativePath(folder, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.')
            let expected = words == "." ? Prefix + room : $"{Prefix}{room}.{words}"
            let declared = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))
            where declared is not null && declared != $"namespace {expected};"
            select $"{Path.GetRelativePath(Root, file)} declares {declared}";
        offences.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(RoomNames))]
    public void A_room_has_its_tests(string room) =>
        References(Projects("tests")[room + ".Tests"]).ShouldContain(room);

    [Fact]
    public void Only_the_simulation_context_knows_real_time_and_unseeded_chance()
    {
        string[] words = ["DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.Now", "DateTimeOffset.UtcNow", "Thread.Sleep", "Random.Shared", "Stopwatch.StartNew", "Stopwatch.GetTimestamp"];
        var offences =
            from file in SourceFiles(Path.Combine(Root, "src"))
            from line in File.ReadLines(file)
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            from word in words
            where line.Contains(word, StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Root, file)}: {line.Trim()}";
        offences.ShouldBeEmpty();
    }

    private static HashSet<string> Reachable(string room)
    {
        var reached = new HashSet<string> { room };
        var waiting = new Queue<string>([room]);
        while (waiting.TryDequeue(out var next))
            foreach (var reference in Rooms[next])
                if (reached.Add(reference))
                    waiting.Enqueue(reference);
        return reached;
    }

    private static Dictionary<string, string> Projects(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file)[Prefix.Length..]);

    private static List<string> References(string project) =>
        [.. XDocument.Load(project).Descendants("ProjectReference").Attributes("Include")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Value.Replace('\\', '/'))[Prefix.Length..])];

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ActorCluster.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("ActorCluster.sln is in no folder above the tests.");
        return folder;
    }
}
