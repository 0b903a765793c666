using ActorCluster.Containers.FileSystem;
using static ActorCluster.Containers.Tests.FileSystem.FileSystemModelTests;

namespace ActorCluster.Containers.Tests.FileSystem;

/// <summary>Files as a plain tree of objects: no layers, no locks, no mounts. Its errors are those of Linux's system calls.</summary>
internal sealed class FileSystemModel
{
    private readonly Folder _root = new(null);

    private abstract class Node;

    private sealed class Folder(Folder? parent) : Node
    {
        public Folder? Parent { get; set; } = parent;
        public SortedDictionary<string, Node> Entries { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Plain : Node
    {
        public string Text { get; set; } = "";
        public int Links { get; set; } = 1;
    }

    private sealed class Link(string target) : Node
    {
        public string Target => target;
    }

    /// <param name="Name">"" if the path names a folder without its name: "/", "..", ".".</param>
    private sealed record Place(Folder Parent, string Name, Node? Node);

    public string Apply(Step step, string text)
    {
        switch (step.Call)
        {
            case Call.MakeDirectory: Add(step.Path.Length > 1 ? step.Path.TrimEnd('/') : step.Path, parent => new Folder(parent)); return "";
            case Call.SymbolicLink: Add(step.Path, _ => new Link(step.Second)); return "";
            case Call.Write or Call.Append: Write(step, text); return "";
            case Call.Read: return Existing(step.Path, true).Node is Plain read ? read.Text : throw Fault(FileFault.IsADirectory);
            case Call.HardLink: AddLink(step.Second, step.Path); return "";
            case Call.Remove: Remove(step.Path); return "";
            case Call.Rename: Rename(step.Path, step.Second); return "";
            case Call.List: return Existing(step.Path, true).Node is Folder folder ? string.Join(' ', folder.Entries.Keys) : throw Fault(FileFault.NotADirectory);
            case Call.ReadLink: return Existing(step.Path, false).Node is Link link ? link.Target : throw Fault(FileFault.Invalid);
            default: return Existing(step.Path, step.Call == Call.Stat).Node switch { Plain f => $"Regular {f.Text.Length} {f.Links}", Folder => "Directory ", _ => "SymbolicLink " };
        }
    }

    public string Describe() => Describe(_root, "");

    private static string Describe(Folder folder, string path) => string.Concat(folder.Entries.Select(e => e.Value switch
    {
        Folder inner => $"{path}/{e.Key}/\n" + Describe(inner, $"{path}/{e.Key}"),
        Link link => $"{path}/{e.Key} -> {link.Target}\n",
        _ => $"{path}/{e.Key}: {((Plain)e.Value).Text}\n",
    }));

    private static FileFaultException Fault(FileFault fault) => new(fault, "");

    private Place Walk(string path, bool follow)
    {
        var hops = 0;
        return Walk(_root, path, follow, ref hops);
    }

    private Place Walk(Folder from, string path, bool follow, ref int hops)
    {
        var at = new Place(path.StartsWith('/') ? _root : from, "", path.StartsWith('/') ? _root : from);
        var parts = path.Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            var last = Array.TrueForAll(parts[(i + 1)..], p => p.Length == 0);
            if (parts[i].Length == 0 && (i == 0 || i < parts.Length - 1)) continue;
            if (at.Node is not Folder folder) throw Fault(FileFault.NotADirectory);
            if (parts[i] is "" or ".") continue;
            if (parts[i] == "..")
            {
                at = new(folder.Parent ?? _root, "", folder.Parent ?? _root);
                continue;
            }
            var child = folder.Entries.GetValueOrDefault(parts[i]);
            if (child is null && !last) throw Fault(FileFault.NotFound);
            at = new(folder, parts[i], child);
            if (child is null) return at;
            // A slash behind a link follows it, too.
            if (child is Link link && (follow || i < parts.Length - 1))
            {
                if (++hops > 40) throw Fault(FileFault.TooManyLinks);
                at = Walk(folder, link.Target, true, ref hops);
                if (at.Node is null && !last) throw Fault(FileFault.NotFound);
                if (at.Node is null) return at;
            }
        }
        return at;
    }

    private Place Existing(string path, bool follow) => Walk(path, follow) is { Node: not null } at ? at : throw Fault(FileFault.NotFound);

    private void Add(string path, Func<Folder, Node> make)
    {
        var at = Walk(path, false);
        if (at.Node is not null) throw Fault(FileFault.Exists);
        at.Parent.Entries[at.Name] = make(at.Parent);
    }

    private void Write(Step step, string text)
    {
        var at = Walk(step.Path, true);
        if (at.Node is Folder || (at.Node is null && step.Path.EndsWith('/'))) throw Fault(FileFault.IsADirectory);
        var file = at.Node as Plain ?? new Plain();
        at.Parent.Entries[at.Name] = file;
        file.Text = step.Call == Call.Write ? text : file.Text + text;
    }

    private void AddLink(string existing, string path)
    {
        var from = Existing(existing, false);
        var to = Walk(path, false);
        if (from.Node is Folder) throw Fault(FileFault.NotPermitted);
        if (to.Node is not null) throw Fault(FileFault.Exists);
        if (from.Node is Plain file) file.Links++;
        to.Parent.Entries[to.Name] = from.Node!;
    }

    private void Remove(string path)
    {
        var at = Existing(path.Length > 1 ? path.TrimEnd('/') : path, false);
        if (at.Name.Length == 0 && ReferenceEquals(at.Node, _root)) throw Fault(FileFault.Busy);
        if (at.Node is Folder { Entries.Count: > 0 }) throw Fault(FileFault.NotEmpty);
        Drop(at);
    }

    private static void Drop(Place at)
    {
        var (parent, name) = Holder(at);
        if (at.Node is Plain file) file.Links--;
        parent.Entries.Remove(name);
    }

    /// <summary>Where a folder that was reached by ".." is.</summary>
    private static (Folder Parent, string Name) Holder(Place at)
    {
        if (at.Name.Length > 0) return (at.Parent, at.Name);
        var parent = ((Folder)at.Node!).Parent!;
        return (parent, parent.Entries.First(e => ReferenceEquals(e.Value, at.Node)).Key);
    }

    private void Rename(string from, string to)
    {
        var source = Existing(from.Length > 1 ? from.TrimEnd('/') : from, false);
        var target = Walk(to.Length > 1 ? to.TrimEnd('/') : to, false);
        if (ReferenceEquals(source.Node, _root) || ReferenceEquals(target.Node, _root)) throw Fault(FileFault.Busy);
        for (var above = target.Node is Folder f ? f.Parent : target.Parent; above is not null; above = above.Parent)
        {
            if (ReferenceEquals(above, source.Node)) throw Fault(FileFault.Invalid);
        }
        if (ReferenceEquals(source.Node, target.Node)) return;
        if (target.Node is Folder && source.Node is not Folder) throw Fault(FileFault.IsADirectory);
        if (target.Node is Folder { Entries.Count: > 0 }) throw Fault(FileFault.NotEmpty);
        if (target.Node is not null and not Folder && source.Node is Folder) throw Fault(FileFault.NotADirectory);
        var (parent, name) = Holder(source);
        var (newParent, newName) = target.Node is null ? (target.Parent, target.Name) : Holder(target);
        if (target.Node is not null) Drop(target);
        parent.Entries.Remove(name);
        newParent.Entries[newName] = source.Node!;
        if (source.Node is Folder moved) moved.Parent = newParent;
    }
}
