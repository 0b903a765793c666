using System.Globalization;
using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Network.Addresses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>Answers the requests of one configuration: picks server and location, runs what they say, writes error pages and the access log.</summary>
internal sealed class NginxHandler(
    NginxConfiguration configuration, NginxVariables variables, NginxStaticFiles staticFiles, NginxProxy proxy, NginxStatus status, NginxLog log, CancellationToken stopping)
{
    private const int MaximumRedirects = 10;

    public async Task HandleAsync(HttpContext http)
    {
        status.RequestStarted();
        var local = new SocketAddress(IpAddress.From(http.Connection.LocalIpAddress!), (ushort)http.Connection.LocalPort);
        var server = configuration.SelectServer(local, http.Request.Host.Host.ToLowerInvariant());
        var request = new NginxRequest(http, server, local.Port, variables.Clock.GetUtcNow());
        try
        {
            await RunAsync(request);
            // Before the last bytes leave, so that who has the answer also finds the line.
            foreach (var access in request.Settings.AccessLogs)
            {
                await log.WriteAccessAsync(access.Path, access.Format.Expand(name => variables.GetForLog(request, name)));
            }
        }
        finally
        {
            status.RequestEnded();
        }
    }

    private async Task RunAsync(NginxRequest request)
    {
        for (var redirects = 0; redirects <= MaximumRedirects; redirects++)
        {
            var outcome = await RunLocationAsync(request);
            if (outcome.Kind == NginxOutcomeKind.Error) outcome = Fail(request, outcome.Status);
            if (outcome.Kind == NginxOutcomeKind.Done) return;
            Redirect(request, outcome.Uri);
        }
        await log.WriteErrorAsync(request, $"rewrite or internal redirection cycle while internally redirecting to \"{request.Uri}\"");
        SendPage(request, StatusCodes.Status500InternalServerError);
    }

    private static void Redirect(NginxRequest request, string uri)
    {
        request.IsInternal = true;
        if (uri.StartsWith('@'))
        {
            request.Variables["@"] = uri;
            return;
        }
        var question = uri.IndexOf('?', StringComparison.Ordinal);
        (request.Uri, request.Arguments) = question < 0 ? (uri, request.Arguments) : (uri[..question], uri[(question + 1)..]);
    }

    private async Task<NginxOutcome> RunLocationAsync(NginxRequest request)
    {
        var root = request.Server.Root;
        if (!request.IsInternal)
        {
            Set(request, root);
            if (root.Return is { } always) return Return(request, always);
        }

        if (request.Variables.Remove("@", out var name))
        {
            if (root.FindNamed(name) is not { } named)
            {
                await log.WriteErrorAsync(request, $"could not find named location \"{name}\"");
                return NginxOutcome.Error(StatusCodes.Status500InternalServerError);
            }
            request.Location = named;
        }
        else
        {
            (request.Location, var captures) = root.Find(request.Uri);
            request.Captures = captures ?? request.Captures;
        }

        var location = request.Location;
        if (location.IsInternal && !request.IsInternal) return NginxOutcome.Error(StatusCodes.Status404NotFound);
        Set(request, location);
        if (location != root && location.Return is { } answer) return Return(request, answer);
        if (await IsForbiddenAsync(request)) return NginxOutcome.Error(StatusCodes.Status403Forbidden);
        var limit = location.Settings.ClientMaxBodySize;
        if (limit > 0 && request.Http.Request.ContentLength > limit)
        {
            await log.WriteErrorAsync(request, string.Create(CultureInfo.InvariantCulture, $"client intended to send too large body: {request.Http.Request.ContentLength} bytes"));
            return NginxOutcome.Error(StatusCodes.Status413RequestEntityTooLarge);
        }
        if (!location.TryFiles.IsEmpty && staticFiles.TryFiles(request) is { } tried) return tried;
        if (location.StubStatus) return SendText(request, StatusCodes.Status200OK, status.Describe(), "text/plain");
        return location.ProxyPass is { } pass ? await proxy.PassAsync(request, pass, PrepareHead) : await staticFiles.ServeAsync(request, PrepareHead);
    }

    private void Set(NginxRequest request, NginxLocation location)
    {
        foreach (var (name, value) in location.Variables) request.Variables[name] = value.Expand(key => variables.Get(request, key));
    }

    private async Task<bool> IsForbiddenAsync(NginxRequest request)
    {
        if (request.Settings.AccessRules.IsEmpty) return false;
        var client = IpAddress.From(request.Http.Connection.RemoteIpAddress!);
        if (request.Settings.AccessRules.FirstOrDefault(rule => rule.Covers(client)) is not { Allow: false }) return false;
        await log.WriteErrorAsync(request, "access forbidden by rule");
        return true;
    }

    private NginxOutcome Return(NginxRequest request, NginxReturn answer)
    {
        var text = answer.Text?.Expand(name => variables.Get(request, name));
        if (answer.Status == 444)
        {
            request.Http.Abort();
            return NginxOutcome.Done;
        }
        if (answer.IsRedirect && text is not null)
        {
            request.Http.Response.Headers.Location = text.StartsWith('/') ? NginxStaticFiles.AbsoluteUrl(request, text) : text;
            SendPage(request, answer.Status);
            return NginxOutcome.Done;
        }
        if (text is not null) return SendText(request, answer.Status, text, NginxStaticFiles.ContentType(request));
        return answer.Status is StatusCodes.Status200OK or StatusCodes.Status204NoContent
            ? SendText(request, answer.Status, "", NginxStaticFiles.ContentType(request))
            : NginxOutcome.Error(answer.Status);
    }

    private NginxOutcome Fail(NginxRequest request, int errorStatus)
    {
        var page = request.InErrorPage ? null : request.Settings.ErrorPages.FirstOrDefault(candidate => candidate.Statuses.Contains(errorStatus));
        if (page is null)
        {
            SendPage(request, request.InErrorPage ? request.ForcedStatus ?? errorStatus : errorStatus);
            return NginxOutcome.Done;
        }
        var uri = page.Uri.Expand(name => variables.Get(request, name));
        if (uri[0] is not ('/' or '@'))
        {
            request.Http.Response.Headers.Location = uri;
            SendPage(request, page.NewStatus is { } given && given is 301 or 303 or 307 or 308 ? given : StatusCodes.Status302Found);
            return NginxOutcome.Done;
        }
        request.InErrorPage = true;
        request.ForcedStatus = page.NewStatus switch { null => errorStatus, 0 => null, var replaced => replaced };
        return NginxOutcome.Redirect(uri);
    }

    private void SendPage(NginxRequest request, int pageStatus)
    {
        request.ForcedStatus = null;
        var body = NginxErrorPages.Page(pageStatus, ServerHeader(request));
        Send(request, pageStatus, body, body.Length > 0 ? "text/html" : "text/plain");
    }

    private NginxOutcome SendText(NginxRequest request, int textStatus, string text, string contentType)
    {
        Send(request, textStatus, Encoding.UTF8.GetBytes(text), contentType);
        return NginxOutcome.Done;
    }

    private void Send(NginxRequest request, int bodyStatus, byte[] body, string contentType)
    {
        var response = request.Http.Response;
        if (NginxErrorPages.MayHaveBody(bodyStatus))
        {
            response.ContentType = contentType;
            response.ContentLength = body.Length;
        }
        PrepareHead(request, bodyStatus);
        if (request.IsHead || !NginxErrorPages.MayHaveBody(response.StatusCode)) return;
        request.BodyBytes = body.Length;
        response.WriteBody(body);
    }

    /// <summary>Status and the headers that every answer has.</summary>
    private void PrepareHead(NginxRequest request, int headStatus)
    {
        var response = request.Http.Response;
        var settings = request.Settings;
        response.StatusCode = headStatus == StatusCodes.Status200OK ? request.ForcedStatus ?? headStatus : headStatus;
        request.Http.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = NginxErrorPages.ReasonPhrase(response.StatusCode);
        response.Headers.Server = ServerHeader(request);
        response.Headers.Connection = WantsClose(request.Http.Request) || stopping.IsCancellationRequested ? "close" : "keep-alive";
        var isGood = response.StatusCode is 200 or 201 or 204 or 206 or 301 or 302 or 303 or 304 or 307 or 308;
        if (isGood && settings.Expires is { } expires)
        {
            response.Headers.Expires = HttpDate.Format(variables.Clock.GetUtcNow() + expires);
            response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"max-age={(long)expires.TotalSeconds}");
        }
        foreach (var header in settings.AddedHeaders)
        {
            var value = isGood || header.Always ? header.Value.Expand(name => variables.Get(request, name)) : "";
            if (value.Length > 0) response.Headers.Append(header.Name, value);
        }
    }

    private static bool WantsClose(HttpRequest request)
    {
        var connection = request.Headers.Connection.ToString();
        return request.Protocol == "HTTP/1.0"
            ? !connection.Contains("keep-alive", StringComparison.OrdinalIgnoreCase)
            : connection.Contains("close", StringComparison.OrdinalIgnoreCase);
    }

    private static string ServerHeader(NginxRequest request) => request.Settings.ServerTokens ? $"nginx/{NginxFiles.Version}" : "nginx";
}
