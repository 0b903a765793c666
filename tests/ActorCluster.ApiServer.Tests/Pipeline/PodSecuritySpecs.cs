using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class PodSecuritySpecs
{
    [Theory]
    [InlineData("securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: '1'}, {name: safe-and-unsafe, value: x}], runAsUser: 0, supplementalGroups: [1, 2]}", "", "")]
    [InlineData("securityContext: {sysctls: [{name: foo-, value: x}, {name: a.b, value: v}, {name: a.b, value: w}]}", "",
        """[spec.securityContext.sysctls[0].name: Invalid value: "foo-": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$, spec.securityContext.sysctls[2].name: Duplicate value: "a.b"]""")]
    [InlineData("hostNetwork: true\n  securityContext: {sysctls: [{name: net/ipv4/tcp_syncookies, value: '1'}]}", "",
        """spec.securityContext.sysctls[0].name: Invalid value: "net/ipv4/tcp_syncookies": may not be specified when 'hostNetwork' is true""")]
    [InlineData("securityContext: {fsGroup: -1, supplementalGroups: [7, 2147483648]}", "",
        "[spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive, spec.securityContext.supplementalGroups[1]: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive]")]
    [InlineData("", "runAsGroup: -2", "spec.containers[0].securityContext.runAsGroup: Invalid value: -2: must be between 0 and 2147483647, inclusive")]
    [InlineData("", "privileged: true, allowPrivilegeEscalation: false",
        """spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true""")]
    public async Task A_security_context_is_taken_or_refused_in_upstreams_words(string pod, string container, string refusal)
    {
        await using var api = await TestApi.StartAsync();
        var answer = await api.CreateAsync("pods", $"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  {pod}\n  containers: [{{name: c, image: nginx, securityContext: {{{container}}}}}]\n");

        if (refusal.Length == 0) TestApi.Good(answer);
        else TestApi.Refused(answer, 422).GetString("message").ShouldBe($"Pod \"web\" is invalid: {refusal}");
    }
}
