using ActorCluster.Api.Errors;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>In which outer form an object or a list is to be shown.</summary>
internal enum RepresentationKind
{
    /// <summary>As it is.</summary>
    Object,

    /// <summary>meta.k8s.io Table.</summary>
    Table,

    /// <summary>meta.k8s.io PartialObjectMetadata or its list.</summary>
    Metadata,
}

/// <param name="Version">The version of meta.k8s.io that the Table or metadata should have.</param>
internal readonly record struct Representation(RepresentationKind Kind, string Version)
{
    /// <param name="isStored">Only what is stored can be shown in other forms than its own.</param>
    /// <exception cref="StatusException">406: nothing that the client accepts can be made.</exception>
    public static Representation Negotiate(HttpRequest request, bool isStored = true)
    {
        foreach (var range in MediaRange.Of(request).Where(r => r.IsJson))
        {
            var form = range.Parameter("as");
            if (form is null) return new Representation(RepresentationKind.Object, "");
            if (!isStored || range.Parameter("g") is not "meta.k8s.io" || range.Parameter("v") is not ("v1" or "v1beta1")) continue;
            switch (form)
            {
                case "Table":
                    return new Representation(RepresentationKind.Table, range.Parameter("v")!);
                case "PartialObjectMetadata" or "PartialObjectMetadataList":
                    return new Representation(RepresentationKind.Metadata, range.Parameter("v")!);
            }
        }
        throw StatusException.NotAcceptable("application/json");
    }
}
