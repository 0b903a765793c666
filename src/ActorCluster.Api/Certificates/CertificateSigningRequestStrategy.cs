using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Certificates;

/// <summary>pkg/registry/certificates/certificates and pkg/apis/certificates/validation. Who asked is put in by admission.</summary>
public sealed class CertificateSigningRequestStrategy : ResourceStrategy
{
    private const int ShortestDuration = 600;
    private const string Conditions = "status.conditions";
    private static readonly string[] DecisiveTypes = [CertificateSigningRequestResource.Approved, CertificateSigningRequestResource.Denied];
    private static readonly string[] OnlyTrue = ["True"];
    private static readonly string[] Statuses = ["False", "True", "Unknown"];

    public override bool HasStatus => true;

    /// <remarks>Any name will do.</remarks>
    public override IEnumerable<string> NameFaults(string name) => [];

    public override IEnumerable<IReadOnlyList<string>> ResetFields(string subresource) => subresource switch
    {
        "status" => [["spec"], ["status", "conditions"]],
        "approval" => [["spec"], ["status", "certificate"]],
        _ => [["spec"], ["status"]],
    };

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        obj.Put("spec", old["spec"]?.DeepClone());
    }

    /// <summary>Of an approval the conditions count.</summary>
    public void PrepareForApproval(JsonObject obj, JsonObject old)
    {
        var conditions = obj.At("status", "conditions")?.DeepClone();
        PrepareForStatusUpdate(obj, old);
        obj.Put("status", old["status"]?.DeepClone());
        obj.Ensure("status").Put("conditions", conditions);
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        if (Request(spec, out var fault) is null) errors.Invalid("spec.request", spec.GetString("request"), fault);
        Usages(spec, errors);
        SignerName(spec.GetString("signerName") ?? "", "spec.signerName", errors);
        if (spec.GetInteger("expirationSeconds") is { } seconds and < ShortestDuration)
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)");
        Status(obj, errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => Changes(obj, old, mayDecide: false, mayIssue: false, errors);

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        Status(obj, errors);
        Changes(obj, old, mayDecide: false, mayIssue: true, errors);
    }

    public static void ValidateApproval(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        Status(obj, errors);
        Changes(obj, old, mayDecide: true, mayIssue: false, errors);
    }

    /// <summary>The request in spec.request; null, and why, where there is none.</summary>
    public static SigningRequest? Request(JsonObject spec, out string fault)
    {
        try
        {
            return SigningRequest.Parse(Convert.FromBase64String(spec.GetString("request") ?? ""), out fault);
        }
        catch (FormatException unreadable)
        {
            fault = unreadable.Message;
            return null;
        }
    }

    private static void Usages(JsonObject spec, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var usage in spec.GetStrings("usages"))
        {
            var path = $"spec.usages[{index++}]";
            if (!CertificateUsages.All.Contains(usage)) errors.NotSupported(path, usage, CertificateUsages.All);
            if (!seen.Add(usage)) errors.Duplicate(path, usage);
        }
        if (index == 0) errors.Required("spec.usages");
    }

    /// <summary>pkg/apis/core/validation: ValidateSignerName.</summary>
    private static void SignerName(string name, string path, FieldErrors errors)
    {
        if (name.Length == 0) errors.Required(path);
        if (name == "kubernetes.io/legacy-unknown")
        {
            errors.Invalid(path, name, "the legacy signerName is not allowed via this API version");
            return;
        }
        if (name.Split('/') is not [var domain, var signer])
        {
            errors.Invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            return;
        }
        if (domain.Length > 253) errors.TooLong(path, 253);
        var labels = domain.Split('.');
        if (labels.Length < 2) errors.Invalid(path, domain, "should be a domain with at least two segments separated by dots");
        foreach (var label in labels) foreach (var fault in Names.Dns1123Label(label)) errors.Invalid(path, domain, $"validating label {FieldError.GoQuote(label)}: {fault}");
        foreach (var label in signer.Split('.')) foreach (var fault in Names.Dns1123Subdomain(label)) errors.Invalid(path, signer, $"validating label {FieldError.GoQuote(label)}: {fault}");
    }

    private static void Status(JsonObject obj, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var condition in obj.GetObject("status").GetObjects("conditions"))
        {
            var path = $"{Conditions}[{index++}]";
            var type = condition.GetString("type") ?? "";
            if (type.Length == 0) errors.Required($"{path}.type");
            var allowed = type is CertificateSigningRequestResource.Approved or CertificateSigningRequestResource.Denied or CertificateSigningRequestResource.Failed ? OnlyTrue : Statuses;
            var status = condition.GetString("status") ?? "";
            if (status.Length == 0) errors.Required($"{path}.status");
            else if (!allowed.Contains(status)) errors.NotSupported($"{path}.status", status, allowed);
            if (!seen.Add(type)) errors.Duplicate($"{path}.type", type);
            else if (DecisiveTypes.Contains(type) && DecisiveTypes.All(seen.Contains)) errors.Invalid(Conditions, type, "Approved and Denied conditions are mutually exclusive");
        }
        if (CertificateFault(obj.TextAt("status", "certificate")) is { } fault) errors.Invalid("status.certificate", "<certificate data>", fault);
    }

    private static string? CertificateFault(string? base64)
    {
        if (string.IsNullOrEmpty(base64)) return null;
        var text = System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(base64)).AsSpan();
        var blocks = 0;
        while (System.Security.Cryptography.PemEncoding.TryFind(text, out var fields))
        {
            if (!text[fields.Label].SequenceEqual("CERTIFICATE")) return $"only CERTIFICATE PEM blocks are allowed, found {FieldError.GoQuote(text[fields.Label].ToString())}";
            blocks++;
            text = text[fields.Location.End..];
        }
        return blocks == 0 ? "must contain at least one CERTIFICATE PEM block" : null;
    }

    /// <param name="mayDecide">Whether Approved and Denied may come.</param>
    /// <param name="mayIssue">Whether the certificate may.</param>
    private static void Changes(JsonObject obj, JsonObject old, bool mayDecide, bool mayIssue, FieldErrors errors)
    {
        foreach (var type in (ReadOnlySpan<string>)[.. DecisiveTypes, CertificateSigningRequestResource.Failed])
        {
            var (before, now) = (Find(old, type), Find(obj, type));
            if (now.Count < before.Count) errors.Forbidden(Conditions, $"updates may not remove a condition of type \"{type}\"");
            else if (mayDecide || !DecisiveTypes.Contains(type)) continue;
            else if (now.Count > before.Count) errors.Forbidden(Conditions, $"updates may not add a condition of type \"{type}\"");
            else if (!before.Zip(now).All(pair => pair.First.SameAs(pair.Second))) errors.Forbidden(Conditions, $"updates may not modify a condition of type \"{type}\"");
        }
        var (certificate, earlier) = (obj.TextAt("status", "certificate") ?? "", old.TextAt("status", "certificate") ?? "");
        if (certificate == earlier) return;
        if (!mayIssue) errors.Forbidden("status.certificate", "updates may not set certificate content");
        else if (earlier.Length > 0) errors.Forbidden("status.certificate", "updates may not modify existing certificate content");
    }

    private static List<JsonObject> Find(JsonObject obj, string type) => [.. obj.GetObject("status").GetObjects("conditions").Where(c => c.GetString("type") == type)];
}
