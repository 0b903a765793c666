using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>The rules of what a pod is called and whom it asks for names (pkg/apis/core/validation: validatePodDNSConfig, validatePodHostName, ValidateHostAliases).</summary>
internal static class PodNameValidation
{
    private const int MostNameServers = 3;
    private const int MostSearches = 32;
    private const int LongestSearchList = 2048;
    private const int LongestOverride = 64;

    public static void DnsConfig(JsonObject spec, string path, FieldErrors errors)
    {
        var config = spec.GetObject("dnsConfig");
        var at = $"{path}.dnsConfig";
        var servers = config?.GetStrings("nameservers").ToList() ?? [];
        if (spec.GetString("dnsPolicy") == "None" && servers.Count == 0)
        {
            if (config is null) errors.Required(at, "must provide `dnsConfig` when `dnsPolicy` is None");
            else errors.Required($"{at}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
            return;
        }
        if (config is null) return;
        if (servers.Count > MostNameServers) errors.Invalid($"{at}.nameservers", config["nameservers"], $"must not have more than {MostNameServers} nameservers");
        for (var i = 0; i < servers.Count; i++) IpRules.Address(servers[i], $"{at}.nameservers[{i}]", errors);
        var searches = config.GetStrings("searches").ToList();
        if (searches.Count > MostSearches) errors.Invalid($"{at}.searches", config["searches"], $"must not have more than {MostSearches} search paths");
        if (string.Join(' ', searches).Length > LongestSearchList)
        {
            errors.Invalid($"{at}.searches", config["searches"], $"must not have more than {LongestSearchList} characters (including spaces) in the search list");
        }
        for (var i = 0; i < searches.Count; i++)
        {
            if (searches[i] == ".") continue;
            var search = searches[i].EndsWith('.') ? searches[i][..^1] : searches[i];
            foreach (var fault in Names.UnderscoreSubdomain(search)) errors.Invalid($"{at}.searches[{i}]", search, fault);
        }
        var option = 0;
        foreach (var given in config.GetObjects("options"))
        {
            if ((given.GetString("name") ?? "").Length == 0) errors.Required($"{at}.options[{option}]", "must not be empty");
            option++;
        }
    }

    public static void HostnameOverride(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.GetString("hostnameOverride") is not { } name) return;
        var at = $"{path}.hostnameOverride";
        if (spec.GetBoolean("setHostnameAsFQDN") == true) errors.Forbidden(at, "may not be specified when setHostnameAsFQDN is true");
        if (spec.GetBoolean("hostNetwork") == true) errors.Forbidden(at, "may not be specified when hostNetwork is true");
        if (name.Length > LongestOverride) errors.TooLong(at, LongestOverride);
        foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid(at, name, fault);
    }

    public static void HostAliases(JsonObject spec, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var alias in spec.GetObjects("hostAliases"))
        {
            var at = $"{path}[{index++}]";
            IpRules.Address(alias.GetString("ip") ?? "", $"{at}.ip", errors);
            var host = 0;
            foreach (var name in alias.GetStrings("hostnames"))
            {
                foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid($"{at}.hostnames[{host}]", name, fault);
                host++;
            }
        }
    }
}
