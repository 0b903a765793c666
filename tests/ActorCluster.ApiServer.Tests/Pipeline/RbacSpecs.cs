using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class RbacSpecs
{
    private const string Group = "rbac.authorization.k8s.io";

    private static string Role(string kind, string rules, string name = "system:r") => $"{{apiVersion: {Group}/v1, kind: {kind}, metadata: {{name: '{name}'}}, rules: [{rules}]}}";

    private static string Binding(string kind, string role, string subjects, string name = "b") =>
        $"{{apiVersion: {Group}/v1, kind: {kind}, metadata: {{name: {name}}}, roleRef: {role}, subjects: [{subjects}]}}";

    [Fact]
    public async Task Roles_and_bindings_of_ordinary_manifests_are_kept_with_their_groups_filled_in()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync($"roles.{Group}", Role("Role", "{apiGroups: [''], resources: [pods], verbs: [get]}"));
        await api.CreatedAsync($"clusterroles.{Group}", Role("ClusterRole", "{nonResourceURLs: [/healthz], verbs: [get]}"));
        var made = await api.CreatedAsync($"rolebindings.{Group}", Binding("RoleBinding", "{kind: Role, name: 'system:r'}", "{kind: ServiceAccount, name: default}, {kind: User, name: jane}"));
        made.TextAt("roleRef", "apiGroup").ShouldBe(Group);
        made.GetObjects("subjects").Select(subject => subject.GetString("apiGroup")).ShouldBe([null, Group]);
        await api.CreatedAsync($"clusterrolebindings.{Group}", Binding("ClusterRoleBinding", "{kind: ClusterRole, name: cluster-admin}", "{kind: Group, name: devs}"));
    }

    [Fact]
    public async Task A_binding_stays_with_its_role()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync($"rolebindings.{Group}", Binding("RoleBinding", "{kind: Role, name: one}", "{kind: User, name: jane}"));
        TestApi.Good(await api.PatchAsync($"rolebindings.{Group}", "b", """{"subjects":[{"kind":"Group","name":"devs"}]}"""));
        TestApi.Refused(await api.PatchAsync($"rolebindings.{Group}", "b", """{"roleRef":{"name":"other"}}"""), 422).GetString("message").ShouldBe(
            $$"""RoleBinding.{{Group}} "b" is invalid: roleRef: Invalid value: {"kind":"Role","name":"other","apiGroup":"{{Group}}"}: cannot change roleRef""");
    }

    [Theory]
    [InlineData("{apiGroups: [''], resources: [pods], verbs: []}", "rules[0].verbs: Required value: verbs must contain at least one value")]
    [InlineData("{resources: [pods], verbs: [get]}", "rules[0].apiGroups: Required value: resource rules must supply at least one api group")]
    [InlineData("{apiGroups: [''], verbs: [get]}", "rules[0].resources: Required value: resource rules must supply at least one resource")]
    [InlineData("{nonResourceURLs: [/a], verbs: [get]}", "rules[0].nonResourceURLs: Invalid value: [\"/a\"]: namespaced rules cannot apply to non-resource URLs")]
    public async Task A_rule_that_says_nothing_is_refused(string rule, string fault)
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Refused(await api.CreateAsync($"roles.{Group}", Role("Role", rule, "r")), 422).GetString("message").ShouldBe($"Role.{Group} \"r\" is invalid: {fault}");
    }

    [Theory]
    [InlineData("{kind: ClusterRole, name: a}", "{kind: ServiceAccount, name: x}", "subjects[0].namespace: Required value")]
    [InlineData("{kind: ClusterRole, name: a}", "{kind: Robot, name: x}", "subjects[0].kind: Unsupported value: \"Robot\": supported values: \"ServiceAccount\", \"User\", \"Group\"")]
    [InlineData("{kind: Role, name: a}", "{kind: User, name: x}", "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"")]
    [InlineData("{kind: ClusterRole, name: a/b}", "{kind: User, name: x}", "roleRef.name: Invalid value: \"a/b\": may not contain '/'")]
    public async Task A_binding_of_nobody_or_to_nothing_is_refused(string role, string subject, string fault)
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Refused(await api.CreateAsync($"clusterrolebindings.{Group}", Binding("ClusterRoleBinding", role, subject)), 422).GetString("message")
            .ShouldBe($"ClusterRoleBinding.{Group} \"b\" is invalid: {fault}");
    }
}
