using System.Security.Cryptography;
using System.Text;
using YamlDotNet.RepresentationModel;

namespace ActorCluster.Host.Launch;

/// <summary>
/// A kubeconfig of the user's that the cluster's entries are put into and taken out of again. Whatever else is in the file stays, as with
/// `kubectl config`. Readable by its owner only. Commands that change the same file do so one after the other.
/// </summary>
internal static class KubeconfigCopy
{
    private static readonly string[] Lists = ["clusters", "users", "contexts"];

    /// <summary>Others change a file within milliseconds; one that holds it for so long has been stopped.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The name that the cluster, its user and its context have in a kubeconfig.</summary>
    public static string EntryName(string cluster) => $"actorcluster-{cluster}";

    /// <summary>Adds or replaces the entries of <paramref name="source"/>, and makes its context the current one.</summary>
    /// <exception cref="ClusterCommandException">The target is no kubeconfig, or can't be written.</exception>
    public static void Write(string source, string target)
    {
        using var turn = TakeTurn(target);
        try
        {
            var from = Load(source);
            var into = File.Exists(target) ? Load(target) : new YamlMappingNode { { "apiVersion", "v1" }, { "kind", "Config" } };
            foreach (var list in Lists)
            {
                var entries = Entries(into, list);
                foreach (var entry in Entries(from, list).OfType<YamlMappingNode>())
                {
                    RemoveNamed(entries, Scalar(entry, "name"));
                    entries.Add(entry);
                }
            }

            Set(into, "current-context", new YamlScalarNode(Scalar(from, "current-context")));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            Save(into, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ClusterCommandException($"The kubeconfig {target} can't be written: {e.Message} Name another file with --kubeconfig.", e);
        }
    }

    /// <summary>Takes the cluster's entries out again; the file too, if it held nothing else. A file that is gone or no longer a kubeconfig is left alone.</summary>
    public static void Remove(string target, string cluster)
    {
        using var turn = TakeTurn(target);
        if (!File.Exists(target)) return;
        YamlMappingNode root;
        try
        {
            root = Load(target);
        }
        catch (InvalidDataException)
        {
            return; // the user put something else there since
        }

        foreach (var list in Lists) RemoveNamed(Entries(root, list), EntryName(cluster));
        if (Lists.All(list => Entries(root, list).Children.Count == 0))
        {
            File.Delete(target);
            return;
        }

        if (Scalar(root, "current-context") == EntryName(cluster)) Set(root, "current-context", new YamlScalarNode(""));
        Save(root, target);
    }

    /// <returns>The file is ours until this is disposed of, on the same thread; if its holder dies, it is the next one's.</returns>
    /// <exception cref="ClusterCommandException">Another command holds the file and doesn't go on.</exception>
    private static Turn TakeTurn(string target)
    {
        var name = "actorcluster-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(target))));
        var mutex = new Mutex(initiallyOwned: false, name, new NamedWaitHandleOptions { CurrentUserOnly = true, CurrentSessionOnly = false });
        try
        {
            if (mutex.WaitOne(Patience)) return new Turn(mutex);
        }
        catch (AbandonedMutexException)
        {
            return new Turn(mutex); // its holder died; files are replaced whole, so that it left none half-written
        }

        mutex.Dispose();
        throw new ClusterCommandException($"The kubeconfig {target} is being changed by another actorcluster command, which doesn't end. End that one, or name another file with --kubeconfig.");
    }

    private static YamlMappingNode Load(string file)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(file);
        try
        {
            yaml.Load(reader);
        }
        catch (YamlDotNet.Core.YamlException e)
        {
            throw new InvalidDataException($"it is not YAML ({e.Message}).", e);
        }

        return yaml.Documents switch
        {
            [] => [],
            [{ RootNode: YamlMappingNode root }] => root,
            _ => throw new InvalidDataException("it holds something other than a kubeconfig."),
        };
    }

    private static void Save(YamlMappingNode root, string file)
    {
        var draft = $"{file}.{Environment.ProcessId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options)) new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        File.Move(draft, file, overwrite: true);
    }

    private static YamlSequenceNode Entries(YamlMappingNode root, string list)
    {
        if (root.Children.TryGetValue(new YamlScalarNode(list), out var node) && node is YamlSequenceNode entries) return entries;
        var none = new YamlSequenceNode();
        Set(root, list, none); // absent, or null as kubectl writes an empty list
        return none;
    }

    private static void RemoveNamed(YamlSequenceNode entries, string name)
    {
        foreach (var entry in entries.OfType<YamlMappingNode>().Where(entry => Scalar(entry, "name") == name).ToList()) entries.Children.Remove(entry);
    }

    private static string Scalar(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var child) && child is YamlScalarNode { Value: { } value } ? value : "";

    private static void Set(YamlMappingNode node, string key, YamlNode value) => node.Children[new YamlScalarNode(key)] = value;

    private readonly struct Turn(Mutex mutex) : IDisposable
    {
        public void Dispose()
        {
            mutex.ReleaseMutex();
            mutex.Dispose();
        }
    }
}
