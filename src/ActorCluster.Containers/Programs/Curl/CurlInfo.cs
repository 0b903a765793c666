using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>What is known about a transfer when it has ended: the source of -w.</summary>
internal sealed class CurlInfo
{
    public string Url { get; set; } = "";
    public string EffectiveUrl { get; set; } = "";
    public string Method { get; set; } = "GET";
    public int StatusCode { get; set; }
    public string HttpVersion { get; set; } = "0";
    public string ContentType { get; set; } = "";
    public string RedirectUrl { get; set; } = "";
    public string OutputFile { get; set; } = "";
    public string ErrorMessage { get; set; } = "";
    public int ExitCode { get; set; }
    public int Redirects { get; set; }
    public int Connects { get; set; }
    public int Retries { get; set; }
    public int HeaderCount { get; set; }
    public long HeaderSize { get; set; }
    public long RequestSize { get; set; }
    public long DownloadSize { get; set; }
    public long UploadSize { get; set; }
    public SocketAddress? Local { get; set; }
    public SocketAddress? Remote { get; set; }
    public TimeSpan NameLookup { get; set; }
    public TimeSpan Connect { get; set; }
    public TimeSpan StartTransfer { get; set; }
    public TimeSpan Redirect { get; set; }
    public TimeSpan Total { get; set; }
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);
}
