namespace ActorCluster.Containers.Programs.Curl;

/// <summary>A failed transfer: curl's exit code (curl.se/libcurl/c/libcurl-errors.html) and the message after it.</summary>
internal sealed class CurlFault(int code, string message, bool isConnectionRefused = false, bool afterConnecting = true) : Exception(message)
{
    public const int UnsupportedProtocol = 1;
    public const int FailedInitialization = 2;
    public const int MalformedUrl = 3;
    public const int CouldNotResolveHost = 6;
    public const int CouldNotConnect = 7;
    public const int WeirdServerReply = 8;
    public const int PartialFile = 18;
    public const int HttpReturnedError = 22;
    public const int WriteError = 23;
    public const int ReadError = 26;
    public const int OperationTimedOut = 28;
    public const int SslConnectError = 35;
    public const int InterfaceFailed = 45;
    public const int TooManyRedirects = 47;
    public const int GotNothing = 52;
    public const int SendError = 55;
    public const int ReceiveError = 56;
    public const int PeerFailedVerification = 60;

    public int Code { get; } = code;
    public bool IsConnectionRefused { get; } = isConnectionRefused;

    /// <summary>False when the transfer never came to have a connection to try: the meter's line then stays open.</summary>
    public bool AfterConnecting { get; } = afterConnecting;
}
