using System.Globalization;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>The nginx executable: reads its configuration, and serves it in this process until a signal ends it.</summary>
/// <remarks>SIGQUIT ends it gracefully, SIGTERM and SIGINT at once, SIGHUP reads the configuration again, SIGUSR1 opens the logs again.</remarks>
internal sealed class NginxProgram : IProgram
{
    public async Task<int> RunAsync(ProcessContext context)
    {
        var (options, fault) = NginxCommandLine.Parse(context.Arguments);
        if (fault is not null)
        {
            await context.PrintErrorAsync($"nginx: {fault}\n");
            return 1;
        }
        if (options.Help || options.Version)
        {
            await context.PrintErrorAsync($"nginx version: nginx/{NginxFiles.Version}\n" + (options.Help ? Usage : ""));
            return 0;
        }

        await using var log = new NginxLog(context);
        try
        {
            if (options.Signal is { } signal) return await SendSignalAsync(context, options, signal);
            var configuration = await LoadAsync(context, options);
            if (options.Test) return await ReportTestAsync(context, options);
            (log.ErrorLog, log.Level) = (configuration.ErrorLog, configuration.ErrorLevel);
            log.Open(configuration.ErrorLog);
            WritePid(context, configuration.PidFile);
            using var master = new NginxMaster(context, log, configuration, () => LoadAsync(context, options));
            var exit = await master.RunAsync();
            if (context.Files.Exists(configuration.PidFile)) context.Files.Remove(configuration.PidFile);
            return exit;
        }
        catch (NginxConfigException invalid)
        {
            if (!options.Test) await log.WriteErrorAsync(NginxLogLevel.Emerg, invalid.Message);
            await context.PrintErrorAsync($"nginx: [emerg] {invalid.Message}\n");
            if (options.Test) await context.PrintErrorAsync($"nginx: configuration file {options.ConfigurationFile} test failed\n");
            return 1;
        }
    }

    private const string Usage =
        "Usage: nginx [-?hvVtTq] [-s signal] [-p prefix] [-c filename] [-g directives]\n\n" +
        "  -v, -V        show the version\n  -t            check the configuration\n  -T            check and print it\n  -q            only errors while checking\n" +
        "  -s signal     to the running master: stop, quit, reopen, reload\n  -p prefix     folder of relative paths (default: /etc/nginx)\n" +
        "  -c filename   the configuration (default: /etc/nginx/nginx.conf)\n  -g directives more directives for its main part\n";

    private static async Task<NginxConfiguration> LoadAsync(ProcessContext context, NginxCommandLine options)
    {
        var reader = new NginxConfigReader(context.Files, options.Prefix);
        var directives = reader.Read(options.ConfigurationFile);
        if (options.GlobalDirectives.Length > 0) directives = [.. directives, .. reader.ReadCommandLine(options.GlobalDirectives)];
        return await new NginxConfigurationBuilder(name => HostNames.ResolveAsync(context, name, context.Killed), context.Clock).BuildAsync(directives);
    }

    private static async Task<int> ReportTestAsync(ProcessContext context, NginxCommandLine options)
    {
        if (!options.Quiet)
        {
            await context.PrintErrorAsync($"nginx: the configuration file {options.ConfigurationFile} syntax is ok\nnginx: configuration file {options.ConfigurationFile} test is successful\n");
        }
        if (options.Dump) await context.PrintAsync($"# configuration file {options.ConfigurationFile}:\n{await context.Files.ReadTextAsync(options.ConfigurationFile, context.Killed)}\n");
        return 0;
    }

    private static async Task<int> SendSignalAsync(ProcessContext context, NginxCommandLine options, string signal)
    {
        var pidFile = (await LoadAsync(context, options)).PidFile;
        string text;
        try
        {
            text = await context.Files.ReadTextAsync(pidFile, context.Killed);
        }
        catch (FileFaultException fault)
        {
            await context.PrintErrorAsync($"nginx: [error] open() \"{pidFile}\" failed ({Errno.Describe(fault)})\n");
            return 1;
        }
        if (!int.TryParse(text.Trim(), CultureInfo.InvariantCulture, out var master))
        {
            await context.PrintErrorAsync($"nginx: [error] invalid PID number \"{text.Trim()}\" in \"{pidFile}\"\n");
            return 1;
        }
        var number = signal switch { "stop" => Signals.Terminate, "quit" => Signals.Quit, "reload" => Signals.Hangup, _ => NginxMaster.UserSignal1 };
        await context.PrintErrorAsync($"{context.Clock.GetUtcNow().ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture)} [notice] {context.ProcessId}#{context.ProcessId}: signal process started\n");
        if (context.Processes.Signal(master, number)) return 0;
        await context.PrintErrorAsync($"nginx: [error] kill({master}, {number}) failed (3: No such process)\n");
        return 1;
    }

    private static void WritePid(ProcessContext context, string path)
    {
        try
        {
            using var file = new StreamWriter(context.Files.Open(path, FileOpen.Write));
            file.Write(string.Create(CultureInfo.InvariantCulture, $"{context.ProcessId}\n"));
        }
        catch (FileFaultException fault)
        {
            throw new NginxConfigException($"open() \"{path}\" failed ({Errno.Describe(fault)})");
        }
    }
}
