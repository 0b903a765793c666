using System.Text;
using ActorCluster.Containers.FileSystem;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorCluster.Containers.Tests.FileSystem;

/// <summary>Any sequence of calls has the results, and the errors, that it has on a plain tree of objects.</summary>
public sealed class FileSystemModelTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    private static readonly Gen<string> Paths = Gen.Frequency(
        (8, Gen.Choose(1, 3).SelectMany(n => Gen.ArrayOf(Gen.Elements(Names), n)).Select(parts => "/" + string.Join('/', parts))),
        (2, Gen.Choose(1, 4).SelectMany(n => Gen.ArrayOf(Gen.Elements("a", "b", "c", "..", "."), n)).Select(parts => "/" + string.Join('/', parts))),
        (1, Gen.Elements("/", "/..", "/a/", "/../../b/")));

    private static readonly Gen<string> Targets = Gen.OneOf(Paths, Gen.Elements("a", "b", "../a", "./c", "..", "a/b", "../../.."));

    private static readonly Gen<Step> Steps =
        from kind in Gen.Elements(Enum.GetValues<Call>())
        from path in Paths
        from second in kind == Call.SymbolicLink ? Targets : Paths
        select new Step(kind, path, second);

    public enum Call
    {
        MakeDirectory,
        Write,
        Append,
        Read,
        SymbolicLink,
        HardLink,
        Remove,
        Rename,
        Stat,
        StatLink,
        List,
        ReadLink,
    }

    public sealed record Step(Call Call, string Path, string Second);

    [Property(MaxTest = 1500)]
    public Property The_file_system_does_what_the_model_does() => Prop.ForAll(Gen.Choose(1, 60).SelectMany(n => Gen.ArrayOf(Steps, n)).ToArbitrary(), steps =>
    {
        var tree = new FileTree(TimeProvider.System, 1 << 20, FileTree.Overlay);
        var (real, model) = (new MountedFileSystem(tree, tree.NewDirectory(0b111_101_101)), new FileSystemModel());
        for (var i = 0; i < steps.Length; i++)
        {
            var text = $"{steps[i].Call} {i};";
            Outcome(() => Apply(real, steps[i], text)).ShouldBe(Outcome(() => model.Apply(steps[i], text)), $"step {i}: {steps[i]}\nof {string.Join("\n", steps.Take(i + 1).AsEnumerable())}");
        }
        model.Describe().ShouldBe(Describe(real, "/"));
    });

    private static string Outcome(Func<string> call)
    {
        try
        {
            return call();
        }
        catch (FileFaultException fault)
        {
            return fault.Fault.ToString();
        }
    }

    private static string Apply(MountedFileSystem files, Step step, string text)
    {
        switch (step.Call)
        {
            case Call.MakeDirectory: files.CreateDirectory(step.Path); return "";
            case Call.Write or Call.Append:
                using (var stream = files.Open(step.Path, step.Call == Call.Write ? FileOpen.Write : FileOpen.Append)) stream.Write(Encoding.ASCII.GetBytes(text));
                return "";
            case Call.Read: return Content(files, step.Path);
            case Call.SymbolicLink: files.CreateSymbolicLink(step.Path, step.Second); return "";
            case Call.HardLink: files.CreateLink(step.Second, step.Path); return "";
            case Call.Remove: files.Remove(step.Path); return "";
            case Call.Rename: files.Rename(step.Path, step.Second); return "";
            case Call.List: return string.Join(' ', files.List(step.Path));
            case Call.ReadLink: return files.ReadLink(step.Path);
            default:
                var status = files.Stat(step.Path, followLinks: step.Call == Call.Stat);
                return $"{status.Kind} {(status.Kind == FileKind.Regular ? $"{status.Length} {status.Links}" : "")}";
        }
    }

    private static string Content(MountedFileSystem files, string path)
    {
        using var reader = new StreamReader(files.Open(path, FileOpen.Read));
        return reader.ReadToEnd();
    }

    private static string Describe(MountedFileSystem files, string path) => string.Concat(files.List(path).Select(name =>
    {
        var full = path.TrimEnd('/') + "/" + name;
        return files.Stat(full, followLinks: false).Kind switch
        {
            FileKind.Directory => $"{full}/\n" + Describe(files, full),
            FileKind.SymbolicLink => $"{full} -> {files.ReadLink(full)}\n",
            _ => $"{full}: {Content(files, full)}\n",
        };
    }));
}
