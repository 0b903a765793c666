using System.Collections.Immutable;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>Reads configuration files into directives and follows their includes. Knows the grammar, not the directives' meaning.</summary>
internal sealed class NginxConfigReader(IFileSystem files, string prefix)
{
    public const int MaximumIncludeDepth = 20;

    public ImmutableArray<NginxDirective> Read(string path) => Parse(ReadText(path, within: null), path, depth: 0);

    /// <summary>What `-g` gives: directives of the main context, on the command line.</summary>
    public ImmutableArray<NginxDirective> ReadCommandLine(string directives) => Parse(directives.TrimEnd(' ', ';') + ";", "command line", depth: 0);

    private ImmutableArray<NginxDirective> Parse(string text, string file, int depth)
    {
        var lexer = new NginxLexer(text, file);
        return ParseBlock(lexer, file, inBlock: false, depth);
    }

    private ImmutableArray<NginxDirective> ParseBlock(NginxLexer lexer, string file, bool inBlock, int depth)
    {
        var directives = ImmutableArray.CreateBuilder<NginxDirective>();
        var words = new List<string>();
        var line = 0;
        while (true)
        {
            var token = lexer.Next();
            if (token is null)
            {
                if (words.Count > 0) throw new NginxConfigException($"unexpected end of file, expecting \";\" or \"}}\" in {file}:{lexer.Line}");
                if (inBlock) throw new NginxConfigException($"unexpected end of file, expecting \"}}\" in {file}:{lexer.Line}");
                return directives.ToImmutable();
            }
            if (token.Value.IsWord)
            {
                if (words.Count == 0) line = lexer.Line;
                words.Add(token.Value.Text);
                continue;
            }
            switch (token.Value.Text)
            {
                case ";" when words.Count == 0:
                    throw new NginxConfigException($"unexpected \";\" in {file}:{lexer.Line}");
                case ";" when words[0] == "include":
                    var include = new NginxDirective(words[0], [.. words.Skip(1)], null, file, line);
                    directives.AddRange(Include(include, depth));
                    words.Clear();
                    break;
                case ";":
                    directives.Add(new NginxDirective(words[0], [.. words.Skip(1)], null, file, line));
                    words.Clear();
                    break;
                case "{" when words.Count == 0:
                    throw new NginxConfigException($"unexpected \"{{\" in {file}:{lexer.Line}");
                case "{":
                    var (name, arguments, at) = (words[0], words.Skip(1).ToImmutableArray(), line);
                    words.Clear();
                    directives.Add(new NginxDirective(name, arguments, ParseBlock(lexer, file, inBlock: true, depth), file, at));
                    break;
                case "}" when words.Count > 0 || !inBlock:
                    throw new NginxConfigException($"unexpected \"}}\" in {file}:{lexer.Line}");
                default:
                    return directives.ToImmutable();
            }
        }
    }

    private ImmutableArray<NginxDirective> Include(NginxDirective include, int depth)
    {
        if (include.Arguments.Length != 1) throw include.Fault("invalid number of arguments in \"include\" directive");
        if (depth >= MaximumIncludeDepth) throw include.Fault("too many levels of \"include\"");
        var path = include.Arguments[0].StartsWith('/') ? include.Arguments[0] : $"{prefix}/{include.Arguments[0]}";
        var paths = path.IndexOfAny(['*', '?', '[']) < 0 ? [path] : PathPattern.Expand(files, path);
        var directives = ImmutableArray.CreateBuilder<NginxDirective>();
        foreach (var found in paths) directives.AddRange(Parse(ReadText(found, include), found, depth + 1));
        return directives.ToImmutable();
    }

    private string ReadText(string path, NginxDirective? within)
    {
        try
        {
            using var reader = new StreamReader(files.Open(path, FileOpen.Read));
            return reader.ReadToEnd();
        }
        catch (FileFaultException fault)
        {
            var message = $"open() \"{path}\" failed ({Errno.Describe(fault)})";
            throw within is null ? new NginxConfigException(message) : within.Fault(message);
        }
    }
}
