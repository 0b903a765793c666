using System.Security.Cryptography.X509Certificates;
using ActorCluster.EndToEnd.Tests.Support;
using k8s;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>A program in a pod finds what it needs to use the API, where client libraries look for it.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class CredentialsTests(SharedCluster shared) : IAsyncLifetime
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    private readonly RunningCluster _cluster = shared.Cluster;

    public async Task InitializeAsync()
    {
        (await _cluster.KubectlWithInputAsync("""
            apiVersion: v1
            kind: ServiceAccount
            metadata:
              name: reader
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              name: api-client
            spec:
              serviceAccountName: reader
              terminationGracePeriodSeconds: 0
              containers:
              - name: curl
                image: curlimages/curl
                command: [sleep, "3600"]
            """, "apply", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/api-client", "--timeout=60s")).ShouldSucceed();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("kubernetes.default.svc")]
    [InlineData("kubernetes.default.svc.cluster.local")]
    [InlineData("$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT")]
    public async Task A_pod_asks_the_API_with_its_token(string host)
    {
        var answer = await ShAsync($"curl -sS --cacert {Folder}/ca.crt -H \"Authorization: Bearer $(cat {Folder}/token)\" https://{host}/api/v1/namespaces/$(cat {Folder}/namespace)/pods/api-client");
        answer.ShouldSucceed().Output.ShouldContain("\"serviceAccountName\":\"reader\"");
        (await ShAsync($"curl -sS --cacert {Folder}/ca.crt -H \"Authorization: Bearer $(cat {Folder}/token)x\" https://{host}/api")).ShouldSucceed().Output.ShouldContain("\"code\":401");
    }

    [Fact]
    public async Task A_client_library_works_with_what_is_there()
    {
        var token = (await ShAsync($"cat {Folder}/token")).ShouldSucceed().Output;
        using var authority = X509Certificate2.CreateFromPem((await ShAsync($"cat {Folder}/ca.crt")).ShouldSucceed().Output);
        using var client = new Kubernetes(new KubernetesClientConfiguration
        {
            Host = KubernetesClientConfiguration.BuildConfigFromConfigFile(_cluster.Kubeconfig).Host,
            AccessToken = token,
            SslCaCerts = [authority],
        });
        var me = await client.AuthenticationV1.CreateSelfSubjectReviewAsync(new k8s.Models.V1SelfSubjectReview());
        me.Status.UserInfo.Username.ShouldBe("system:serviceaccount:default:reader");
        me.Status.UserInfo.Extra["authentication.kubernetes.io/pod-name"].ShouldBe(["api-client"]);
        (await client.CoreV1.ListNamespacedPodAsync("default")).Items.ShouldContain(pod => pod.Metadata.Name == "api-client");
    }

    [Fact]
    public async Task Kubectl_makes_tokens()
    {
        var token = (await _cluster.KubectlAsync("create", "token", "reader")).ShouldSucceed().Output.Trim();
        token.Split('.').Length.ShouldBe(3);
        (await _cluster.KubectlAsync("create", "token", "nobody")).ShouldExitWith(1).Error.ShouldContain("serviceaccounts \"nobody\" not found");
        (await _cluster.KubectlAsync("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")).ShouldSucceed().Output.ShouldBe("kubernetes-admin");
    }

    private Task<CommandResult> ShAsync(string script) => _cluster.KubectlAsync("exec", "api-client", "--", "sh", "-c", script);
}
