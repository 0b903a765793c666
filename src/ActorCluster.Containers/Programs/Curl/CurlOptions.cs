namespace ActorCluster.Containers.Programs.Curl;

/// <summary>What a command line asks for.</summary>
internal sealed class CurlOptions
{
    public const string Version = "8.17.0";

    public List<string> Urls { get; } = [];

    /// <summary>-o and -O, in order; each belongs to the URL at the same place. Null: the remote name.</summary>
    public List<string?> Outputs { get; } = [];

    public List<string> Headers { get; } = [];
    public List<CurlData> Data { get; } = [];
    public List<string> Forms { get; } = [];
    public List<string> Resolve { get; } = [];
    public string? OutputDirectory { get; set; }
    public string? DumpHeader { get; set; }
    public string? Method { get; set; }
    public string? UploadFile { get; set; }
    public string? UserAgent { get; set; }
    public string? User { get; set; }
    public string? Referer { get; set; }
    public string? Cookie { get; set; }
    public string? Range { get; set; }
    public string? WriteOut { get; set; }
    public string? Interface { get; set; }
    public string? CaCertificate { get; set; }
    public bool Silent { get; set; }
    public bool ShowError { get; set; }
    public bool NoProgressMeter { get; set; }
    public bool ProgressBar { get; set; }
    public bool Fail { get; set; }
    public bool FailWithBody { get; set; }
    public bool Include { get; set; }
    public bool Head { get; set; }
    public bool Get { get; set; }
    public bool Verbose { get; set; }
    public bool Location { get; set; }
    public bool Insecure { get; set; }
    public bool NoBuffer { get; set; }
    public bool Json { get; set; }
    public bool Compressed { get; set; }
    public bool CreateDirectories { get; set; }
    public bool Http10 { get; set; }
    public bool OnlyV4 { get; set; }
    public bool OnlyV6 { get; set; }
    public bool Help { get; set; }
    public bool PrintVersion { get; set; }
    public int MaxRedirects { get; set; } = 50;
    public TimeSpan? MaxTime { get; set; }
    public TimeSpan? ConnectTimeout { get; set; }
    public int Retry { get; set; }
    public TimeSpan? RetryDelay { get; set; }
    public TimeSpan? RetryMaxTime { get; set; }
    public bool RetryConnectionRefused { get; set; }
    public bool RetryAllErrors { get; set; }
}

/// <summary>One -d of whichever kind.</summary>
internal sealed record CurlData(string Text, CurlDataKind Kind);

internal enum CurlDataKind
{
    /// <summary>-d: '@file' without its line breaks.</summary>
    Plain,
    Raw,
    Binary,
    UrlEncoded,
}
