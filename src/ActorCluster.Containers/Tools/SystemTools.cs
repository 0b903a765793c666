using ActorCluster.Containers.FileSystem;
using System.Globalization;
using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Builtins;

namespace ActorCluster.Containers.Tools;

/// <summary>Who and where am I: id, uname, hostname, date, env, ps, free, ...</summary>
internal static class SystemTools
{
    public static IEnumerable<Tool> All =>
    [
        new("env", "[-iu0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]\n\nPrint current environment or run PROG after setting up environment", EnvAsync),
        new("printenv", "[VARIABLE]...\n\nPrint environment VARIABLEs.\nIf no VARIABLE specified, print all.", PrintEnvAsync),
        new("hostname", "[-sidf] [HOSTNAME | -F FILE]\n\nShow or set hostname or DNS domain name", HostNameAsync),
        new("whoami", "\n\nPrint the user name associated with the current effective user id", WhoAmIAsync),
        new("id", "[-ugGnr] [USER]\n\nPrint information about USER or the current user", IdentityAsync),
        new("groups", "[USER]\n\nPrint the groups USER is in", GroupsAsync),
        new("logname", "\n\nPrint the name of the current user", tool => PrintAsync(tool, "root\n")),
        new("uname", "[-amnrspvio]\n\nPrint system information", UnameAsync),
        new("arch", "\n\nPrint system architecture", tool => PrintAsync(tool, "x86_64\n")),
        new("nproc", "[--all] [--ignore=N]\n\nPrint number of available CPUs", tool => PrintAsync(tool, "1\n")),
        new("date", "[OPTIONS] [+FMT] [[-s] TIME]\n\nDisplay time (using +FMT), or set time\n\n\t-u\t\tWork in UTC (don't convert to local time)\n\t-d TIME\t\tDisplay TIME, not 'now'\n\t-r FILE\t\tDisplay last modification time of FILE\n\t-R\t\tOutput RFC-2822 date\n\t-I[SPEC]\tOutput ISO-8601 date\n\t\t\tSPEC=date (default), hours, minutes, seconds or ns", DateAsync),
        new("uptime", "\n\nDisplay the time since the last boot", UptimeAsync),
        new("free", "[-bkmgh]\n\nDisplay free and used memory", FreeAsync),
        new("ps", "[-o COL1,COL2=HEADER] [-T]\n\nShow list of processes\n\n\t-o COL1,COL2=HEADER\tSelect columns for display", ProcessesAsync),
        new("kill", "[-l] [-SIG] PID...\n\nSend a signal (default: TERM) to given PIDs\n\n\t-l\tList all signal names and numbers", KillAsync),
        new("killall", "[-lq] [-SIG] PROCESS_NAME...\n\nSend a signal (default: TERM) to given processes\n\n\t-l\tList all signal names and numbers\n\t-q\tDon't complain if no processes were killed", KillAllAsync),
        new("pidof", "[-s] [-o PID] [NAME]...\n\nList PIDs of all processes with names that match NAMEs", ProcessOfAsync),
        new("pgrep", "[-flanovx] [-s SID|-P PPID|PATTERN]\n\nDisplay process(es) selected by regex PATTERN", tool => GrepProcessesAsync(tool, kill: false)),
        new("pkill", "[-l|-SIGNAL] [-fnovx] [-s SID|-P PPID|PATTERN]\n\nSend signal to processes selected by regex PATTERN", tool => GrepProcessesAsync(tool, kill: true)),
    ];

    private static async Task<int> PrintAsync(ToolContext tool, string text)
    {
        await tool.Out.WriteTextAsync(text);
        return 0;
    }

    private static async Task<int> EnvAsync(ToolContext tool)
    {
        var options = tool.Parse("+iu:0", ("ignore-environment", 'i'), ("unset", 'u'));
        var operands = options.Operands.ToList();
        var environment = options.Has('i') || operands is ["-", ..] ? new Dictionary<string, string>(StringComparer.Ordinal) : new(tool.Process.Environment, StringComparer.Ordinal);
        if (operands is ["-", ..]) operands.RemoveAt(0);
        foreach (var name in options.Values('u')) environment.Remove(name);
        while (operands.Count > 0 && operands[0].IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
        {
            environment[operands[0][..equals]] = operands[0][(equals + 1)..];
            operands.RemoveAt(0);
        }
        if (operands.Count > 0) return await Launch.ReplaceAsync(tool, operands, environment);
        foreach (var (name, value) in environment) await tool.Out.WriteTextAsync($"{name}={value}{(options.Has('0') ? "\0" : "\n")}");
        return 0;
    }

    private static async Task<int> PrintEnvAsync(ToolContext tool)
    {
        if (tool.Arguments.Count == 0) foreach (var (name, value) in tool.Process.Environment) await tool.Out.WriteTextAsync($"{name}={value}\n");
        var status = 0;
        foreach (var name in tool.Arguments)
        {
            if (tool.Process.Environment.TryGetValue(name, out var value)) await tool.Out.WriteTextAsync(value + "\n");
            else status = 1;
        }
        return status;
    }

    private static async Task<int> HostNameAsync(ToolContext tool)
    {
        var options = tool.Parse("sidfF:");
        if (options.Operands.Count > 0 || options.Has('F')) throw new ToolException("sethostname: Operation not permitted");
        var name = ((ProcessView)tool.Process.Processes).Table.Container.Hostname;
        if (options.Has('i')) return await PrintAsync(tool, string.Join(' ', tool.Process.Network.Addresses) + "\n");
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (options.Has('s') && dot > 0) name = name[..dot];
        if (options.Has('d')) name = dot > 0 ? name[(dot + 1)..] : "";
        return await PrintAsync(tool, name + "\n");
    }

    private static string NameOf(ToolContext tool, int user) => Accounts.UserName(tool.Files, user) ?? user.ToString(CultureInfo.InvariantCulture);

    private static Task<int> WhoAmIAsync(ToolContext tool)
    {
        var user = tool.Process.User.UserId;
        return PrintAsync(tool, (Accounts.UserName(tool.Files, user) ?? throw new ToolException(string.Create(CultureInfo.InvariantCulture, $"unknown uid {user}"))) + "\n");
    }

    private static Task<int> GroupsAsync(ToolContext tool) => PrintAsync(
        tool, string.Join(' ', tool.Process.User.Groups.Select(group => Accounts.GroupName(tool.Files, group) ?? group.ToString(CultureInfo.InvariantCulture))) + "\n");

    private static async Task<int> IdentityAsync(ToolContext tool)
    {
        var options = tool.Parse("ugGnr", ("user", 'u'), ("group", 'g'), ("name", 'n'));
        var self = tool.Process.User;
        if (options.Operands is [var asked, ..])
        {
            var other = Accounts.User(tool.Files, asked) is { } known && Accounts.UserName(tool.Files, known) is not null ? known : throw new ToolException($"unknown user {asked}");
            self = ProcessUser.Of(other, ContainerAccounts.PrimaryGroup(tool.Files, other) ?? other, ContainerAccounts.GroupsOf(tool.Files, other));
        }
        var (user, group, groups) = (Number(self.UserId), Number(self.GroupId), self.Groups.Select(Number));
        if (options.Has('u')) return await PrintAsync(tool, (options.Has('n') ? UserName(self.UserId) ?? user : user) + "\n");
        if (options.Has('g')) return await PrintAsync(tool, (options.Has('n') ? GroupName(self.GroupId) ?? group : group) + "\n");
        if (options.Has('G')) return await PrintAsync(tool, string.Join(' ', options.Has('n') ? self.Groups.Select(id => GroupName(id) ?? Number(id)) : groups) + "\n");
        return await PrintAsync(
            tool, $"uid={user}{InBrackets(UserName(self.UserId))} gid={group}{InBrackets(GroupName(self.GroupId))} groups={string.Join(',', self.Groups.Select(id => Number(id) + InBrackets(GroupName(id))))}\n");

        static string Number(int id) => id.ToString(CultureInfo.InvariantCulture);
        static string InBrackets(string? name) => name is null ? "" : $"({name})";
        string? UserName(int id) => Accounts.UserName(tool.Files, id);
        string? GroupName(int id) => Accounts.GroupName(tool.Files, id);
    }

    private static async Task<int> UnameAsync(ToolContext tool)
    {
        var options = tool.Parse("amnrspvio", ("all", 'a'), ("machine", 'm'), ("kernel-release", 'r'), ("nodename", 'n'), ("kernel-name", 's'));
        var parts = new (char Letter, string Text)[]
        {
            ('s', "Linux"), ('n', ((ProcessView)tool.Process.Processes).Table.Container.Hostname), ('r', "6.6.0-actorcluster"), ('v', "#1 SMP"), ('m', "x86_64"), ('p', "unknown"), ('i', "unknown"), ('o', "GNU/Linux"),
        };
        var chosen = options.Has('a') ? parts.Where(p => p.Letter is not ('p' or 'i')) : options.Given.Any() ? parts.Where(p => options.Has(p.Letter)) : parts.Take(1);
        return await PrintAsync(tool, string.Join(' ', chosen.Select(p => p.Text)) + "\n");
    }

    private static async Task<int> DateAsync(ToolContext tool)
    {
        var options = tool.Parse("us:d:D:r:RI::", ("utc", 'u'), ("date", 'd'), ("reference", 'r'), ("iso-8601", 'I'), ("rfc-2822", 'R'), ("set", 's'));
        var now = tool.Clock.GetUtcNow();
        var time = now;
        if (options.Value('d') is { } text) time = DateTexts.Parse(text, now) ?? throw new ToolException($"invalid date '{text}'");
        if (options.Value('r') is { } file) time = tool.Find(file)?.Modified ?? throw new ToolException($"can't stat '{file}': No such file or directory");
        if (options.Has('s') || options.Operands.Exists(o => !o.StartsWith('+'))) throw new ToolException("can't set date: Operation not permitted");
        var format = options.Operands.Count > 0 ? options.Operands[0][1..] : "%a %b %e %H:%M:%S %Z %Y";
        if (options.Has('R')) format = "%a, %d %b %Y %H:%M:%S %z";
        if (options.Has('I'))
        {
            format = (options.Value('I') ?? "date") switch
            {
                "date" => "%Y-%m-%d",
                "hours" => "%Y-%m-%dT%H+00:00",
                "minutes" => "%Y-%m-%dT%H:%M+00:00",
                "seconds" => "%Y-%m-%dT%H:%M:%S+00:00",
                "ns" => "%Y-%m-%dT%H:%M:%S,%N+00:00",
                var other => throw new ToolException($"invalid argument '{other}' to 'date -I'"),
            };
        }
        return await PrintAsync(tool, DateTexts.Format(time, format) + "\n");
    }

    private static async Task<int> UptimeAsync(ToolContext tool)
    {
        var first = ((ProcessView)tool.Process.Processes).Table.Find(1);
        var now = tool.Clock.GetUtcNow();
        var up = now - (first?.Started ?? now);
        var span = up.TotalDays >= 1 ? $"{(int)up.TotalDays} days, {up.Hours,2}:{up.Minutes:00}" : up.TotalHours >= 1 ? $"{up.Hours,2}:{up.Minutes:00}" : $"{up.Minutes} min";
        return await PrintAsync(tool, $" {DateTexts.Format(now, "%H:%M:%S")} up {span},  0 users,  load average: 0.00, 0.00, 0.00\n");
    }

    private static async Task<int> FreeAsync(ToolContext tool)
    {
        var options = tool.Parse("bkmgh");
        string Size(long bytes) => options.Has('h') ? ListingTools.Human(bytes) : (bytes / (options.Has('b') ? 1 : options.Has('m') ? 1 << 20 : options.Has('g') ? 1 << 30 : 1 << 10)).ToString(CultureInfo.InvariantCulture);
        const long total = 2L << 30, free = 1L << 30, cached = 512L << 20;
        return await PrintAsync(tool,
            "              total        used        free      shared  buff/cache   available\n" +
            $"Mem:    {Size(total),11} {Size(total - free - cached),11} {Size(free),11} {Size(0),11} {Size(cached),11} {Size(free + cached),11}\n" +
            $"Swap:   {Size(0),11} {Size(0),11} {Size(0),11}\n");
    }

    private static async Task<int> ProcessesAsync(ToolContext tool)
    {
        // -ef, aux and -A are what people type; busybox knows no such options and lists everything anyway.
        var columns = new List<(string Name, string Header)>();
        var words = tool.Arguments;
        for (var i = 0; i < words.Count; i++)
        {
            if (!words[i].StartsWith("-o", StringComparison.Ordinal)) continue;
            var list = words[i].Length > 2 ? words[i][2..] : i + 1 < words.Count ? words[++i] : throw new UsageException("option requires an argument -- 'o'");
            foreach (var column in list.Split(','))
            {
                var equals = column.IndexOf('=', StringComparison.Ordinal);
                var name = equals < 0 ? column : column[..equals];
                columns.Add((name, equals < 0 ? Header(name) ?? throw new ToolException($"bad -o argument '{name}', supported arguments: user,comm,args,pid,ppid,pgid,etime,stat,time,tty") : column[(equals + 1)..]));
            }
        }
        if (columns.Count == 0) columns = [("pid", "PID"), ("user", "USER"), ("time", "TIME"), ("args", "COMMAND")];
        var rows = tool.Process.Processes.List().Cast<Process>().Select(p => columns.Select(c => Column(tool, p, c.Name)).ToArray()).Prepend([.. columns.Select(c => c.Header)]).ToList();
        var widths = columns.Select((c, i) => c.Name switch { "user" => 8, "pid" or "ppid" or "pgid" or "time" or "etime" => 5, _ => rows.Max(r => r[i].Length) }).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, i) => i == row.Length - 1 ? cell : columns[i].Name is "pid" or "ppid" or "pgid" && cell.All(char.IsAsciiDigit) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            await tool.Out.WriteTextAsync(string.Join(' ', cells) + "\n");
        }
        return 0;
    }

    private static string? Header(string column) => column switch
    {
        "user" or "group" or "pid" or "ppid" or "pgid" or "stat" or "time" or "vsz" or "rss" or "nice" => column.ToUpperInvariant(),
        "args" or "comm" => "COMMAND",
        "etime" => "ELAPSED",
        "tty" => "TT",
        _ => null,
    };

    private static string Column(ToolContext tool, Process process, string column)
    {
        var elapsed = tool.Clock.GetUtcNow() - process.Started;
        return column switch
        {
            "pid" => process.ProcessId.ToString(CultureInfo.InvariantCulture),
            "ppid" => process.ParentId.ToString(CultureInfo.InvariantCulture),
            "pgid" => process.Group.ToString(CultureInfo.InvariantCulture),
            "user" => NameOf(tool, tool.Process.User.UserId),
            "group" => Accounts.GroupName(tool.Files, tool.Process.User.GroupId) ?? tool.Process.User.GroupId.ToString(CultureInfo.InvariantCulture),
            "comm" => process.Name,
            "stat" => process == tool.Process.Self ? "R" : "S",
            "time" => "0:00",
            "etime" => $"{(int)elapsed.TotalMinutes:00}:{elapsed.Seconds:00}",
            "tty" => process.Stdin is ITerminalStream ? "136,0" : "?",
            "vsz" or "rss" => "1024",
            "nice" => "0",
            _ => string.Join(' ', process.Arguments.Select(a => a.Replace('\n', ' '))),
        };
    }

    private static async Task<int> KillAsync(ToolContext tool)
    {
        var (output, errors, status) = KillBuiltin.Execute(tool.Words, tool.Process.Processes);
        await tool.Out.WriteAsync(output);
        foreach (var error in errors) await tool.WarnAsync(error);
        return status;
    }

    private static async Task<int> KillAllAsync(ToolContext tool)
    {
        var words = tool.Arguments.Where(w => w != "-q").ToList();
        var signal = Signals.Terminate;
        if (words is ["-l", ..]) return await KillAsync(tool);
        if (words is [['-', _, ..] option, ..])
        {
            signal = Signals.Parse(option[1..]) ?? throw new ToolException($"bad signal name '{option[1..]}'");
            words.RemoveAt(0);
        }
        if (words.Count == 0) throw new UsageException();
        var status = 0;
        foreach (var name in words)
        {
            var found = tool.Process.Processes.List().Cast<Process>().Where(p => p.Name == name && p != tool.Process.Self).ToList();
            foreach (var process in found) tool.Process.Processes.Signal(process.ProcessId, signal);
            if (found.Count > 0) continue;
            status = 1;
            if (!tool.Arguments.Contains("-q")) await tool.WarnAsync($"{name}: no process killed");
        }
        return status;
    }

    private static async Task<int> ProcessOfAsync(ToolContext tool)
    {
        var options = tool.Parse("so:");
        var found = tool.Process.Processes.List().Cast<Process>()
            .Where(p => options.Operands.Contains(p.Name) && !options.Values('o').Contains(p.ProcessId.ToString(CultureInfo.InvariantCulture)))
            .Select(p => p.ProcessId.ToString(CultureInfo.InvariantCulture)).Reverse().ToList();
        if (found.Count == 0) return 1;
        return await PrintAsync(tool, string.Join(' ', options.Has('s') ? found.Take(1) : found) + "\n");
    }

    private static async Task<int> GrepProcessesAsync(ToolContext tool, bool kill)
    {
        var words = tool.Arguments.ToList();
        var signal = Signals.Terminate;
        if (kill && words is [['-', _, ..] first, ..] && Signals.Parse(first[1..]) is { } parsed)
        {
            signal = parsed;
            words.RemoveAt(0);
        }
        var options = Options.Parse(words, "flanovxs:P:");
        if (options.Operands.Count == 0 && !options.Has('P')) throw new UsageException();
        var pattern = options.Operands.Count > 0 ? PosixRegex.Compile(options.Operands[0], extended: true, ignoreCase: false, wholeLine: options.Has('x')) : null;
        var text = new StringBuilder();
        var found = tool.Process.Processes.List().Cast<Process>().Where(p => p != tool.Process.Self)
            .Where(p => options.Value('P') is not { } parent || p.ParentId == ToolContext.Number(parent))
            .Where(p => (pattern?.IsMatch(options.Has('f') ? string.Join(' ', p.Arguments) : p.Name) ?? true) != options.Has('v')).ToList();
        if (options.Has('n')) found = [.. found.TakeLast(1)];
        if (options.Has('o')) found = [.. found.Take(1)];
        foreach (var process in found)
        {
            if (kill) tool.Process.Processes.Signal(process.ProcessId, signal);
            else text.Append(process.ProcessId).Append(options.Has('l') ? " " + process.Name : options.Has('a') ? " " + string.Join(' ', process.Arguments) : "").Append('\n');
        }
        await tool.Out.WriteTextAsync(text.ToString());
        return found.Count > 0 ? 0 : 1;
    }
}
