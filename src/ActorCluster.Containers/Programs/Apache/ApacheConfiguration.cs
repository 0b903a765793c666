using System.Collections.Frozen;
using System.Collections.Immutable;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Programs.Apache;

/// <summary>What httpd.conf says, as far as a server of static files needs it.</summary>
/// <remarks>Directives that would change what is served, and aren't emulated, are refused as Apache refuses those of a module that isn't loaded.</remarks>
internal sealed record ApacheConfiguration
{
    private static readonly FrozenSet<string> WithoutEffect = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "LoadModule", "User", "Group", "ServerAdmin", "LogLevel", "LogFormat", "PidFile", "Timeout", "KeepAlive", "MaxKeepAliveRequests", "KeepAliveTimeout", "AddType", "TypesConfig", "AccessFileName",
        "EnableSendfile", "EnableMMAP", "HostnameLookups", "UseCanonicalName", "AddDefaultCharset", "Mutex", "ServerLimit", "StartServers", "MaxRequestWorkers", "ThreadsPerChild", "MinSpareThreads",
        "MaxSpareThreads", "MaxConnectionsPerChild", "TraceEnable", "FileETag", "IndexOptions", "AddIcon", "AddIconByType", "AddIconByEncoding", "DefaultIcon", "AddEncoding", "MIMEMagicFile", "Protocols", "Define");

    private static readonly FrozenSet<string> SectionsWithoutEffect =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Directory", "DirectoryMatch", "Files", "FilesMatch", "IfModule", "IfDefine");

    private static readonly FrozenSet<string> InSections = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Options", "AllowOverride", "Require", "Order", "Allow", "Deny", "ScriptAlias", "RequestHeader", "Include", "SSLRandomSeed", "CustomLog");

    public ImmutableArray<SocketAddress> Listens { get; init; } = [];

    /// <summary>Null: the address itself, with a complaint.</summary>
    public string? ServerName { get; init; }

    public string DocumentRoot { get; init; } = ApacheFiles.ServerRoot + "/htdocs";
    public ImmutableArray<string> DirectoryIndex { get; init; } = ["index.html"];
    public string ErrorLog { get; init; } = "/proc/self/fd/2";
    public string AccessLog { get; init; } = "/proc/self/fd/1";

    /// <summary>ServerTokens Prod: the version is nobody's business.</summary>
    public bool HidesVersion { get; init; }

    public string Server => HidesVersion ? "Apache" : $"Apache/{ApacheFiles.Version} (Unix)";

    /// <exception cref="ApacheConfigException">The whole complaint.</exception>
    public static async Task<ApacheConfiguration> LoadAsync(IFileSystem files, string path, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await files.ReadTextAsync(path, cancellationToken);
        }
        catch (FileFaultException fault)
        {
            throw new ApacheConfigException($"httpd: Could not open configuration file {path}: {fault.Message}");
        }
        var configuration = new ApacheConfiguration();
        var sections = new Stack<string>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            configuration = configuration.With(line, sections) ?? throw new ApacheConfigException(
                $"AH00526: Syntax error on line {i + 1} of {path}:\nInvalid command '{line.Split(' ', '\t')[0]}', perhaps misspelled or defined by a module not included in the server configuration");
        }
        return configuration.Listens.IsEmpty ? throw new ApacheConfigException("no listening sockets available, shutting down\nAH00015: Unable to open logs") : configuration;
    }

    /// <returns>Null: no such directive.</returns>
    private ApacheConfiguration? With(string line, Stack<string> sections)
    {
        if (line.StartsWith("</", StringComparison.Ordinal)) return sections.TryPop(out _) ? this : null;
        if (line[0] == '<')
        {
            var section = line[1..].TrimEnd('>').Split(' ', '\t')[0];
            if (!SectionsWithoutEffect.Contains(section)) return null;
            sections.Push(section);
            return this;
        }
        var words = Words(line);
        var (name, value) = (words[0].ToLowerInvariant(), words.Count > 1 ? words[1] : "");
        if (sections.Count > 0 && InSections.Contains(words[0])) return this;
        return name switch
        {
            "listen" => Address(value) is { } address ? this with { Listens = Listens.Add(address) } : null,
            "servername" => this with { ServerName = value },
            "documentroot" => this with { DocumentRoot = value.TrimEnd('/') },
            "directoryindex" => this with { DirectoryIndex = [.. words.Skip(1)] },
            "errorlog" => this with { ErrorLog = Absolute(value) },
            "customlog" => this with { AccessLog = Absolute(value) },
            "servertokens" => this with { HidesVersion = value.StartsWith("Prod", StringComparison.OrdinalIgnoreCase) },
            "serverroot" or "serversignature" => this,
            _ => WithoutEffect.Contains(words[0]) ? this : null,
        };
    }

    private static string Absolute(string path) => path.StartsWith('/') ? path : $"{ApacheFiles.ServerRoot}/{path}";

    private static SocketAddress? Address(string text)
    {
        var colon = text.LastIndexOf(':');
        if (!ushort.TryParse(text.AsSpan(colon + 1), out var port)) return null;
        if (colon < 0 || text[..colon] == "*") return new SocketAddress(IpAddress.AnyV6, port);
        return IpAddress.TryParse(text[..colon].Trim('[', ']'), out var address) ? new SocketAddress(address, port) : null;
    }

    private static List<string> Words(string line)
    {
        var words = new List<string>();
        for (var i = 0; i < line.Length;)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
                continue;
            }
            var end = line[i] == '"' ? line.IndexOf('"', i + 1) : line.IndexOfAny([' ', '\t'], i);
            if (end < 0) end = line.Length;
            words.Add(line[i..end].TrimStart('"'));
            i = end + 1;
        }
        return words;
    }
}

internal sealed class ApacheConfigException(string message) : Exception(message);
