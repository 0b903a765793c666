using System.Globalization;
using System.Text;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>curl over the pod's own network: HTTP and HTTPS.</summary>
internal sealed class CurlProgram : IProgram
{
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(10);

    private const string Usage =
        "Usage: curl [options...] <url>\n" +
        " -d, --data <data>           Send data in a POST\n" +
        " -f, --fail                  No output and exit code 22 on an HTTP error\n" +
        " -h, --help <subject>        This text\n" +
        " -i, --show-headers          Print the answer's headers, too\n" +
        " -o, --output <file>         Write to a file instead of stdout\n" +
        " -O, --remote-name           Write to a file named as in the URL\n" +
        " -s, --silent                No meter and no error messages\n" +
        " -T, --upload-file <file>    Send a file by PUT\n" +
        " -u, --user <user:password>  Credentials for the server\n" +
        " -A, --user-agent <name>     Call yourself so\n" +
        " -v, --verbose               Tell what happens\n" +
        " -V, --version               The version\n\n" +
        "Not all of curl's options exist in here; the common ones do.\n";

    public async Task<int> RunAsync(ProcessContext context)
    {
        var (options, fault) = CurlArguments.Parse(context.Arguments);
        if (fault is not null)
        {
            await context.PrintErrorAsync(fault);
            return CurlFault.FailedInitialization;
        }
        if (options.Help || options.PrintVersion)
        {
            await context.PrintAsync(options.Help ? Usage : $"curl {CurlOptions.Version} (emulated) \nProtocols: http https\nFeatures: IPv6 libz SSL\n");
            return 0;
        }

        using var connector = new CurlConnector(context, options);
        var requests = new CurlRequests(context, options);
        var stdout = new CurlStdout(context, options.NoBuffer);
        var exit = 0;
        try
        {
            for (var i = 0; i < options.Urls.Count; i++)
            {
                exit = await TransferAsync(context, options, connector, requests, stdout, i);
            }
        }
        finally
        {
            if (!context.Killed.IsCancellationRequested) await stdout.FlushAsync();
        }
        return exit;
    }

    private static async Task<int> TransferAsync(ProcessContext context, CurlOptions options, CurlConnector connector, CurlRequests requests, CurlStdout stdout, int index)
    {
        var url = options.Urls[index];
        var info = new CurlInfo();
        try
        {
            var file = OutputFile(options, url, index);
            for (var attempt = 0; ; attempt++)
            {
                info = new CurlInfo { Retries = attempt };
                await using var output = new CurlOutput(context, stdout, file, options.CreateDirectories);
                CurlFault? failed = null;
                try
                {
                    await new CurlTransfer(context, options, requests, connector, output).RunAsync(url, info);
                }
                catch (CurlFault failure)
                {
                    failed = failure;
                }
                if (attempt < options.Retry && Problem(options, info, failed) is { } problem)
                {
                    await WaitToRetryAsync(context, options, problem, attempt);
                    continue;
                }
                if (failed is null) break;
                throw failed;
            }
        }
        catch (CurlFault fault)
        {
            (info.ExitCode, info.ErrorMessage) = (fault.Code, fault.Message);
            if (!options.Silent || options.ShowError) await context.PrintErrorAsync($"curl: ({fault.Code}) {fault.Message}\n");
        }
        if (options.WriteOut is { } format)
        {
            if (format.StartsWith('@')) format = await context.Files.ReadTextAsync(context.FullPath(format[1..]), context.Killed);
            var (text, complaints) = CurlWriteOut.Format(format, info);
            if (complaints.Length > 0) await context.PrintErrorAsync(complaints);
            await stdout.WriteAsync(Encoding.UTF8.GetBytes(text));
        }
        return info.ExitCode;
    }

    private static string? OutputFile(CurlOptions options, string url, int index)
    {
        if (index >= options.Outputs.Count) return null;
        var file = options.Outputs[index];
        if (file == "-") return null;
        if (file is null)
        {
            var path = url.Split(['?', '#'])[0];
            var scheme = path.IndexOf("://", StringComparison.Ordinal);
            var slash = path.IndexOf('/', scheme < 0 ? 0 : scheme + 3);
            file = slash < 0 ? "" : path[(path.LastIndexOf('/') + 1)..];
            if (file.Length == 0) file = "curl_response";
        }
        return options.OutputDirectory is { } folder ? $"{folder}/{file}" : file;
    }

    /// <returns>Why trying again makes sense, in curl's words; null if it doesn't.</returns>
    private static string? Problem(CurlOptions options, CurlInfo info, CurlFault? failed) => failed switch
    {
        { Code: CurlFault.OperationTimedOut } => "timeout",
        { IsConnectionRefused: true } when options.RetryConnectionRefused => "connection refused",
        null or { Code: CurlFault.HttpReturnedError } when info.StatusCode is 408 or 429 or 500 or 502 or 503 or 504 => "HTTP error",
        not null when options.RetryAllErrors => "(retrying all errors)",
        _ => null,
    };

    private static async Task WaitToRetryAsync(ProcessContext context, CurlOptions options, string problem, int attempt)
    {
        var delay = options.RetryDelay ?? TimeSpan.FromSeconds(Math.Min(LongestRetryDelay.TotalSeconds, Math.Pow(2, attempt)));
        var left = options.Retry - attempt;
        if (!options.Silent)
        {
            var seconds = delay.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            await context.PrintErrorAsync($"Warning: Problem: {problem}. Will retry in {seconds} second{(seconds == "1" ? "" : "s")}. {left} {(left == 1 ? "retry" : "retries")} left.\n");
        }
        await Task.Delay(delay, context.Clock, context.Killed);
    }
}
