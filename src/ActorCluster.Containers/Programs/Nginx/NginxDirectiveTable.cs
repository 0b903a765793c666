using System.Collections.Frozen;

namespace ActorCluster.Containers.Programs.Nginx;

[Flags]
internal enum NginxContexts
{
    None = 0,
    Main = 1,
    Events = 2,
    Http = 4,
    Server = 8,
    Location = 16,
    Upstream = 32,
    HttpServerLocation = Http | Server | Location,
}

/// <summary>Which directives there are, where each may stand, and how many arguments it takes (nginx.org/en/docs/dirindex.html).</summary>
internal static class NginxDirectiveTable
{
    private const int Many = 1000;

    private static readonly FrozenDictionary<string, Rule> Rules = new (string Names, NginxContexts Contexts, int Minimum, int Maximum, bool Block)[]
    {
        ("events", NginxContexts.Main, 0, 0, true),
        ("http", NginxContexts.Main, 0, 0, true),
        ("server", NginxContexts.Http, 0, 0, true),
        ("upstream", NginxContexts.Http, 1, 1, true),
        ("location", NginxContexts.Server | NginxContexts.Location, 1, 2, true),
        ("types", NginxContexts.HttpServerLocation, 0, 0, true),
        ("listen", NginxContexts.Server, 1, Many, false),
        ("server_name", NginxContexts.Server, 1, Many, false),
        ("root default_type", NginxContexts.HttpServerLocation, 1, 1, false),
        ("alias", NginxContexts.Location, 1, 1, false),
        ("index", NginxContexts.HttpServerLocation, 1, Many, false),
        ("autoindex", NginxContexts.HttpServerLocation, 1, 1, false),
        ("return", NginxContexts.Server | NginxContexts.Location, 1, 2, false),
        ("error_page", NginxContexts.HttpServerLocation, 2, Many, false),
        ("try_files", NginxContexts.Server | NginxContexts.Location, 2, Many, false),
        ("add_header", NginxContexts.HttpServerLocation, 2, 3, false),
        ("expires", NginxContexts.HttpServerLocation, 1, 2, false),
        ("set", NginxContexts.Server | NginxContexts.Location, 2, 2, false),
        ("internal", NginxContexts.Location, 0, 0, false),
        ("allow deny", NginxContexts.HttpServerLocation, 1, 1, false),
        ("stub_status", NginxContexts.Server | NginxContexts.Location, 0, 1, false),
        ("client_max_body_size", NginxContexts.HttpServerLocation, 1, 1, false),
        ("server_tokens", NginxContexts.HttpServerLocation, 1, 1, false),
        ("log_format", NginxContexts.Http, 2, Many, false),
        ("access_log", NginxContexts.HttpServerLocation, 1, Many, false),
        ("error_log", NginxContexts.Main | NginxContexts.HttpServerLocation, 1, 2, false),
        ("proxy_pass", NginxContexts.Location, 1, 1, false),
        ("proxy_set_header", NginxContexts.HttpServerLocation, 2, 2, false),
        ("proxy_http_version proxy_connect_timeout proxy_read_timeout proxy_hide_header", NginxContexts.HttpServerLocation, 1, 1, false),
        ("proxy_next_upstream", NginxContexts.HttpServerLocation, 1, Many, false),
        ("pid user worker_processes", NginxContexts.Main, 1, 2, false),
        ("daemon", NginxContexts.Main, 1, 1, false),
        ("worker_connections", NginxContexts.Events, 1, 1, false),

        // Tuning of what has no counterpart in here: read, checked for its place, and without effect.
        ("worker_rlimit_nofile worker_cpu_affinity worker_priority worker_shutdown_timeout pcre_jit master_process", NginxContexts.Main, 1, Many, false),
        ("multi_accept use accept_mutex", NginxContexts.Events, 1, 1, false),
        ("sendfile tcp_nopush tcp_nodelay reset_timedout_connection server_name_in_redirect absolute_redirect port_in_redirect merge_slashes log_not_found",
            NginxContexts.HttpServerLocation, 1, 1, false),
        ("keepalive_timeout keepalive_requests send_timeout client_body_timeout client_header_timeout client_body_buffer_size client_header_buffer_size " +
            "large_client_header_buffers types_hash_max_size types_hash_bucket_size server_names_hash_bucket_size server_names_hash_max_size " +
            "variables_hash_max_size variables_hash_bucket_size open_file_cache etag aio directio output_buffers",
            NginxContexts.HttpServerLocation, 1, Many, false),
        ("proxy_buffering proxy_buffers proxy_buffer_size proxy_busy_buffers_size proxy_send_timeout proxy_request_buffering proxy_redirect proxy_cache_bypass",
            NginxContexts.HttpServerLocation, 1, Many, false),
        ("gzip gzip_types gzip_comp_level gzip_min_length gzip_vary gzip_proxied gzip_disable gzip_http_version gzip_static gunzip", NginxContexts.HttpServerLocation, 1, Many, false),
        ("client_body_temp_path proxy_temp_path fastcgi_temp_path uwsgi_temp_path scgi_temp_path", NginxContexts.HttpServerLocation, 1, 4, false),
        ("resolver resolver_timeout", NginxContexts.HttpServerLocation, 1, Many, false),
        ("keepalive zone hash", NginxContexts.Upstream, 1, 2, false),
        ("least_conn ip_hash random", NginxContexts.Upstream, 0, 2, false),
    }.SelectMany(rule => rule.Names.Split(' ').Select(name => (name, new Rule(rule.Contexts, rule.Minimum, rule.Maximum, rule.Block)))).ToFrozenDictionary(pair => pair.name, pair => pair.Item2);

    /// <summary>Directives that nginx has and this one can't honour: said so, instead of claiming that there is no such directive.</summary>
    private static readonly FrozenSet<string> NotEmulated = FrozenSet.Create(
        "if", "rewrite", "map", "geo", "split_clients", "limit_req", "limit_req_zone", "limit_conn", "limit_conn_zone", "auth_basic", "auth_basic_user_file", "auth_request",
        "ssl_certificate", "ssl_certificate_key", "proxy_cache", "proxy_cache_path", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "sub_filter", "mirror", "stream",
        "mail", "load_module", "env", "satisfy", "limit_except", "http2", "slice");

    /// <exception cref="NginxConfigException">The directive is unknown, at the wrong place or has the wrong number of arguments.</exception>
    public static void Check(NginxDirective directive, NginxContexts context)
    {
        // In an upstream, "server" is a simple directive of its own.
        var rule = context == NginxContexts.Upstream && directive.Name == "server"
            ? new Rule(NginxContexts.Upstream, 1, Many, false)
            : Find(directive);
        if (!rule.Contexts.HasFlag(context)) throw directive.Fault($"\"{directive.Name}\" directive is not allowed here");
        if (rule.Block && directive.Block is null) throw directive.Fault($"directive \"{directive.Name}\" has no opening \"{{\"");
        if (!rule.Block && directive.Block is not null) throw directive.Fault($"directive \"{directive.Name}\" is not terminated by \";\"");
        if (directive.Arguments.Length < rule.Minimum || directive.Arguments.Length > rule.Maximum)
        {
            throw directive.Fault($"invalid number of arguments in \"{directive.Name}\" directive");
        }
    }

    private static Rule Find(NginxDirective directive)
    {
        if (Rules.TryGetValue(directive.Name, out var rule)) return rule;
        throw directive.Fault(NotEmulated.Contains(directive.Name)
            ? $"directive \"{directive.Name}\" is not emulated by this nginx"
            : $"unknown directive \"{directive.Name}\"");
    }

    private sealed record Rule(NginxContexts Contexts, int Minimum, int Maximum, bool Block);
}
