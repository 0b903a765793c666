using YamlDotNet.RepresentationModel;

namespace ActorCluster.Host.Launch;

/// <summary>
/// A kubeconfig of the user's that the cluster's entries are put into and taken out of again. Whatever else is in the file stays, as with
/// `kubectl config`. Readable by its owner only.
/// </summary>
internal static class KubeconfigCopy
{
    private static readonly string[] Lists = ["clusters", "users", "contexts"];

    /// <summary>The name that the cluster, its user and its context have in a kubeconfig.</summary>
    public static string EntryName(string cluster) => $"actorcluster-{cluster}";

    /// <summary>Adds or replaces the entries of <paramref name="source"/>, and makes its context the current one.</summary>
    /// <exception cref="ClusterCommandException">The target is no kubeconfig, or can't be written.</exception>
    public static void Write(string source, string target)
    {
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
}
