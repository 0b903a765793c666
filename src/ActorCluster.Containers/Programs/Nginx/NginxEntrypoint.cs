using System.Text;
using System.Text.RegularExpressions;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>
/// /docker-entrypoint.sh: prepares the container when the command is nginx (templates in /etc/nginx/templates become configuration with
/// the environment's variables put in; scripts in /docker-entrypoint.d run), then goes on as the command.
/// </summary>
internal sealed class NginxEntrypoint : IProgram
{
    private const string Scripts = "/docker-entrypoint.d";

    public async Task<int> RunAsync(ProcessContext context)
    {
        IReadOnlyList<string> command = [.. context.Arguments.Skip(1)];
        if (command.Count == 0) return 0;
        var name = command[0][(command[0].LastIndexOf('/') + 1)..];
        if (name is "nginx" or "nginx-debug" && await PrepareAsync(context) is var failed && failed != 0) return failed;
        var spec = new ProcessSpec(command, context.Environment, context.WorkingDirectory, context.Stdin, context.Stdout, context.Stderr, context.Terminal);
        return await ProgramExec.ExecuteAsync(context, spec);
    }

    /// <returns>0, or the exit code of the script that failed.</returns>
    private static async Task<int> PrepareAsync(ProcessContext context)
    {
        var quiet = context.Environment.GetValueOrDefault("NGINX_ENTRYPOINT_QUIET_LOGS", "").Length > 0;
        async Task LogAsync(string line)
        {
            if (!quiet) await context.PrintAsync($"{line}\n");
        }

        var scripts = context.Files.Exists(Scripts) ? context.Files.List(Scripts).Where(name => name.EndsWith(".sh", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList() : [];
        await LogAsync($"/docker-entrypoint.sh: {Scripts}/ is not empty, will attempt to perform configuration");
        await LogAsync($"/docker-entrypoint.sh: Looking for shell scripts in {Scripts}/");
        await LogAsync($"/docker-entrypoint.sh: Launching {Scripts}/20-envsubst-on-templates.sh");
        await SubstituteAsync(context, LogAsync);
        foreach (var script in scripts)
        {
            await LogAsync($"/docker-entrypoint.sh: Launching {Scripts}/{script}");
            var spec = new ProcessSpec(["/bin/sh", $"{Scripts}/{script}"], context.Environment, context.WorkingDirectory, context.Stdin, context.Stdout, context.Stderr);
            if (await context.Processes.Start(spec).Exit is var failed && failed != 0) return failed;
        }
        await LogAsync("/docker-entrypoint.sh: Configuration complete; ready for start up");
        return 0;
    }

    /// <summary>envsubst: only variables that the environment has are put in, so that nginx's own stay.</summary>
    private static async Task SubstituteAsync(ProcessContext context, Func<string, Task> log)
    {
        var from = context.Environment.GetValueOrDefault("NGINX_ENVSUBST_TEMPLATE_DIR", "/etc/nginx/templates");
        var to = context.Environment.GetValueOrDefault("NGINX_ENVSUBST_OUTPUT_DIR", "/etc/nginx/conf.d");
        var suffix = context.Environment.GetValueOrDefault("NGINX_ENVSUBST_TEMPLATE_SUFFIX", ".template");
        if (!context.Files.Exists(from)) return;
        foreach (var name in context.Files.List(from).Where(name => name.EndsWith(suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var output = $"{to}/{name[..^suffix.Length]}";
            await log($"20-envsubst-on-templates.sh: Running envsubst on {from}/{name} to {output}");
            var text = await context.Files.ReadTextAsync($"{from}/{name}", context.Killed);
            var substituted = Regex.Replace(
                text,
                @"\$(?:\{(\w+)\}|(\w+))",
                match => context.Environment.GetValueOrDefault(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value, match.Value),
                RegexOptions.CultureInvariant);
            await using var file = context.Files.Open(output, FileOpen.Write);
            await file.WriteAsync(Encoding.UTF8.GetBytes(substituted), context.Killed);
        }
    }
}
