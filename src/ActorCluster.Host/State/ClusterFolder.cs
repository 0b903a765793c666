using System.Text.Json;
using ActorCluster.Nodes.Outside;

namespace ActorCluster.Host.State;

/// <summary>
/// Everything one cluster keeps on disk: <c>cluster.json</c> (what it was started with), <c>processes/</c> (who runs),
/// <c>sockets/</c> (where services are reached from this machine), <c>cuts/</c> (who is cut off from whom), <c>logs/</c>,
/// <c>pki/</c>, <c>data/</c>, <c>complete</c> and <c>kubeconfig</c>. Only the owner may look in.
/// </summary>
public sealed record ClusterFolder(string Path, string Name)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Kubeconfig => System.IO.Path.Combine(Path, "kubeconfig");
    public string Data => System.IO.Path.Combine(Path, "data");
    public string Pki => System.IO.Path.Combine(Path, "pki");
    public string Logs => System.IO.Path.Combine(Path, "logs");

    /// <summary>There since a new cluster's add-ons are: the control plane's first life makes it.</summary>
    internal string Complete => System.IO.Path.Combine(Path, "complete");

    internal string LockFile => System.IO.Path.Combine(Path, "lock");
    private string Record => System.IO.Path.Combine(Path, "cluster.json");
    private string Processes => System.IO.Path.Combine(Path, "processes");

    /// <summary>A cluster was started here and not taken down.</summary>
    public bool Exists => File.Exists(Record);

    public string LogOf(string process) => System.IO.Path.Combine(Logs, process + ".log");

    private string SocketsOf(string node) => System.IO.Path.Combine(Path, "sockets", node + ".json");

    internal string RecordOf(string process) => System.IO.Path.Combine(Processes, process + ".json");

    /// <exception cref="IOException">The folder can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    internal void Create()
    {
        foreach (var folder in (string[])[Path, Processes, Logs, System.IO.Path.Combine(Path, "sockets"), System.IO.Path.Combine(Path, "cuts")])
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, OwnerOnly);
        }
    }

    internal void Delete()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    /// <summary>What the cluster was started with; null if there is none.</summary>
    public ClusterRecord? ReadCluster() => Read(Record, StateJson.Default.ClusterRecord);

    internal void Write(ClusterRecord record) => Write(Record, JsonSerializer.Serialize(record, StateJson.Default.ClusterRecord));

    /// <summary>The processes that were started and not stopped, by name. They need not be alive.</summary>
    public IReadOnlyList<ProcessRecord> ReadProcesses()
    {
        if (!Directory.Exists(Processes)) return [];
        return [.. Directory.EnumerateFiles(Processes, "*.json")
            .Select(file => Read(file, StateJson.Default.ProcessRecord))
            .OfType<ProcessRecord>()
            .OrderBy(record => record.Role == ProcessRole.ControlPlane ? 0 : 1)
            .ThenBy(record => record.Name.Length)
            .ThenBy(record => record.Name, StringComparer.Ordinal)];
    }

    public ProcessRecord? ReadProcess(string name) => Read(RecordOf(name), StateJson.Default.ProcessRecord);

    /// <summary>Other than before when the process has come to serve, or has been written down at all; asking is cheap. (Two writes may be so close that they have one time.)</summary>
    internal (DateTime Written, long Length) ProcessWritten(string name) => new FileInfo(RecordOf(name)) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;

    /// <summary>Records a process. Fails if the folder was removed: a cluster that was taken down does not come back piece by piece.</summary>
    /// <exception cref="IOException">The cluster's folder is gone.</exception>
    internal void Write(ProcessRecord record) => Write(RecordOf(record.Name), JsonSerializer.Serialize(record, StateJson.Default.ProcessRecord));

    /// <summary>The same, unless the process has written itself down already.</summary>
    internal void WriteIfAbsent(ProcessRecord record)
    {
        var draft = Draft(RecordOf(record.Name));
        File.WriteAllText(draft, JsonSerializer.Serialize(record, StateJson.Default.ProcessRecord));
        try
        {
            File.Move(draft, RecordOf(record.Name), overwrite: false);
        }
        catch (IOException) when (File.Exists(RecordOf(record.Name)))
        {
            File.Delete(draft);
        }
    }

    /// <summary>The real sockets that a node had open when it last told. If its process is dead, so are they.</summary>
    public IReadOnlyList<OpenSocket> ReadSockets(string node) => Read(SocketsOf(node), StateJson.Default.IReadOnlyListOpenSocket) ?? [];

    /// <exception cref="IOException">The cluster's folder is gone.</exception>
    internal void WriteSockets(string node, IReadOnlyList<OpenSocket> sockets) =>
        Write(SocketsOf(node), JsonSerializer.Serialize(sockets, StateJson.Default.IReadOnlyListOpenSocket));

    private string CutsOf(string process) => System.IO.Path.Combine(Path, "cuts", process + ".json");

    private string ObeyedCutsOf(string process) => System.IO.Path.Combine(Path, "cuts", process + ".obeyed.json");

    /// <summary>From which others a process is to be cut off.</summary>
    public IReadOnlyList<RecordedCut> ReadCuts(string process) => Read(CutsOf(process), StateJson.Default.IReadOnlyListRecordedCut) ?? [];

    /// <exception cref="IOException">The cluster's folder is gone.</exception>
    internal void WriteCuts(string process, IReadOnlyList<RecordedCut> cuts) => Write(CutsOf(process), JsonSerializer.Serialize(cuts, StateJson.Default.IReadOnlyListRecordedCut));

    /// <summary>Changes whenever <see cref="WriteCuts"/> was called; asking is cheap.</summary>
    internal DateTime CutsWritten(string process) => File.GetLastWriteTimeUtc(CutsOf(process));

    /// <summary>From which others the process, as it says, is cut off.</summary>
    internal IReadOnlyList<RecordedCut> ReadObeyedCuts(string process) => Read(ObeyedCutsOf(process), StateJson.Default.IReadOnlyListRecordedCut) ?? [];

    /// <exception cref="IOException">The cluster's folder is gone.</exception>
    internal void WriteObeyedCuts(string process, IReadOnlyList<RecordedCut> cuts) => Write(ObeyedCutsOf(process), JsonSerializer.Serialize(cuts, StateJson.Default.IReadOnlyListRecordedCut));

    internal void RemoveProcess(string name) => File.Delete(RecordOf(name));

    private static T? Read<T>(string file, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        if (!File.Exists(file)) return null; // as most are not when a process starts: an exception would be its first, which costs milliseconds
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), type);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} is damaged: {e.Message}", e);
        }
    }

    /// <summary>Readers see the old text or the new, never half of it.</summary>
    private static void Write(string file, string text)
    {
        var draft = Draft(file);
        File.WriteAllText(draft, text);
        File.Move(draft, file, overwrite: true);
    }

    private static string Draft(string file) => $"{file}.{Environment.ProcessId}.tmp";
}
