using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorCluster.Api.Validation;

/// <summary>The forms that names, label keys and values may have; each check gives what is wrong, in upstream's words.</summary>
/// <remarks>apimachinery/pkg/util/validation/validation.go and apimachinery/pkg/api/validate/content.</remarks>
public static partial class Names
{
    private const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainFormat = LabelFormat + "(\\." + LabelFormat + ")*";
    private const string Label1035Format = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string KeyFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string ValueFormat = "(" + KeyFormat + ")?";
    private const string ConfigKeyFormat = "[-._a-zA-Z0-9]+";

    private const string UrlPathFormat = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

    [GeneratedRegex("^" + UrlPathFormat + "\\z")]
    private static partial Regex UrlPathPattern();

    [GeneratedRegex("^" + LabelFormat + "\\z")]
    private static partial Regex Label();

    private const string UnderscoreLabelFormat = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private const string UnderscoreSubdomainFormat = UnderscoreLabelFormat + "(\\." + UnderscoreLabelFormat + ")*";

    [GeneratedRegex("^" + UnderscoreSubdomainFormat + "\\z")]
    private static partial Regex UnderscoreSubdomain();

    [GeneratedRegex("^" + SubdomainFormat + "\\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex("^" + Label1035Format + "\\z")]
    private static partial Regex Label1035();

    [GeneratedRegex("^" + KeyFormat + "\\z")]
    private static partial Regex Key();

    [GeneratedRegex("^" + ConfigKeyFormat + "\\z")]
    private static partial Regex ConfigKey();

    public static IEnumerable<string> Dns1123Label(string value)
    {
        if (value.Length > 63) yield return MaxLength(63);
        if (Label().IsMatch(value)) yield break;
        // Where only the dots are wrong, upstream says so.
        yield return Subdomain().IsMatch(value)
            ? "must not contain dots"
            : Pattern("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                LabelFormat, "my-name", "123-abc");
    }

    public static IEnumerable<string> Dns1123Subdomain(string value)
    {
        if (value.Length > 253) yield return MaxLength(253);
        if (!Subdomain().IsMatch(value))
        {
            yield return Pattern("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
                SubdomainFormat, "example.com");
        }
    }

    /// <summary>A subdomain with underscores (IsDNS1123SubdomainWithUnderscore).</summary>
    public static IEnumerable<string> UnderscoreSubdomain(string value)
    {
        if (value.Length > 253) yield return MaxLength(253);
        if (!UnderscoreSubdomain().IsMatch(value))
        {
            yield return Pattern("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
                UnderscoreSubdomainFormat, "example.com");
        }
    }

    /// <summary>A subdomain of which the first label is a star.</summary>
    public static IEnumerable<string> WildcardSubdomain(string value)
    {
        if (value.Length > 253) yield return MaxLength(253);
        if (!value.StartsWith("*.", StringComparison.Ordinal) || !Subdomain().IsMatch(value[2..]))
        {
            yield return Pattern("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                "\\*\\." + SubdomainFormat, "*.example.com");
        }
    }

    /// <summary>What may follow a domain and a slash.</summary>
    public static IEnumerable<string> UrlPath(string value)
    {
        if (!UrlPathPattern().IsMatch(value)) yield return Pattern("Invalid path", UrlPathFormat);
    }

    public static IEnumerable<string> Dns1035Label(string value)
    {
        if (value.Length > 63) yield return MaxLength(63);
        if (!Label1035().IsMatch(value))
        {
            yield return Pattern("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
                Label1035Format, "my-name", "abc-123");
        }
    }

    /// <summary>Keys of labels and annotations, names of finalizers: [prefix/]name.</summary>
    public static IEnumerable<string> QualifiedName(string value)
    {
        const string rule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
        var parts = value.Split('/');
        if (parts.Length > 2)
        {
            yield return "a valid label key " + Pattern(rule, KeyFormat, "MyName", "my.name", "123-abc")
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }
        if (parts.Length == 2)
        {
            if (parts[0].Length == 0) yield return "prefix part must be non-empty";
            else
            {
                foreach (var fault in Dns1123Subdomain(parts[0])) yield return "prefix part " + fault;
            }
        }
        var name = parts[^1];
        if (name.Length == 0) yield return "name part must be non-empty";
        else if (name.Length > 63) yield return "name part " + MaxLength(63);
        if (!Key().IsMatch(name)) yield return "name part " + Pattern(rule, KeyFormat, "MyName", "my.name", "123-abc");
    }

    public static IEnumerable<string> LabelValue(string value)
    {
        if (value.Length > 63) yield return MaxLength(63);
        if (value.Length > 0 && !Key().IsMatch(value))
        {
            yield return Pattern("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                ValueFormat, "MyValue", "my_value", "12345");
        }
    }

    /// <summary>Keys of ConfigMaps and Secrets.</summary>
    public static IEnumerable<string> ConfigMapKey(string value)
    {
        if (value.Length > 253) yield return MaxLength(253);
        if (!ConfigKey().IsMatch(value))
        {
            yield return Pattern("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", ConfigKeyFormat, "key.name", "KEY_NAME", "key-name");
        }
        if (value == ".") yield return "must not be '.'";
        else if (value == "..") yield return "must not be '..'";
        else if (value.StartsWith("..", StringComparison.Ordinal)) yield return "must not start with '..'";
    }

    /// <summary>Names of environment variables, relaxed as since 1.34: anything printable but '='.</summary>
    public static IEnumerable<string> EnvironmentVariable(string value)
    {
        if (value.Length == 0) yield return "environment variable name " + NonEmpty;
        else if (value.Any(c => c is < ' ' or > '~' or '='))
        {
            yield return "a valid environment variable name must consist only of printable ASCII characters other than '='";
        }
    }

    /// <summary>Names of container ports (RFC 6335 service names).</summary>
    public static IEnumerable<string> PortName(string value)
    {
        if (value.Length > 15) yield return MaxLength(15);
        if (!value.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')) yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        if (!value.Any(c => c is >= 'a' and <= 'z')) yield return "must contain at least one letter (a-z)";
        if (value.Contains("--", StringComparison.Ordinal)) yield return "must not contain consecutive hyphens";
        if (value.Length > 0 && (value[0] == '-' || value[^1] == '-')) yield return "must not begin or end with a hyphen";
    }

    public static IEnumerable<string> PathSegment(string value)
    {
        if (value is "." or "..") yield return $"may not be '{value}'";
        foreach (var c in "/%".Where(value.Contains)) yield return $"may not contain '{c}'";
    }

    /// <summary>generateName is checked as if a suffix without its own dash at the end stood there.</summary>
    public static IEnumerable<string> AsPrefix(string value, Func<string, IEnumerable<string>> check) =>
        check(value.Length > 1 && value[^1] == '-' ? value[..^2] + "a" : value);

    public const string NonEmpty = "must be non-empty";

    public static string MaxLength(int most) => string.Create(CultureInfo.InvariantCulture, $"must be no more than {most} characters");

    public static string Between(long low, long high) => string.Create(CultureInfo.InvariantCulture, $"must be between {low} and {high}, inclusive");

    private static string Pattern(string rule, string format, params ReadOnlySpan<string> examples)
    {
        if (examples.IsEmpty) return $"{rule} (regex used for validation is '{format}')";
        var shown = string.Join(" or ", examples.ToArray().Select(e => $"'{e}', "));
        return $"{rule} (e.g. {shown}regex used for validation is '{format}')";
    }
}
