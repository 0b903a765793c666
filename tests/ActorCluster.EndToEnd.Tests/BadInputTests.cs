using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>What users get wrong, by kubectl: Kubernetes's own answers, all faults at once, and a cluster that goes on.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class BadInputTests(SharedCluster shared)
{
    private readonly RunningCluster _cluster = shared.Cluster;

    [Fact]
    public async Task Broken_yaml_is_refused()
    {
        var result = await ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: broken
            spec: [
            """);

        result.ShouldFailWith(1, "error converting YAML to JSON");
    }

    [Fact]
    public async Task All_unknown_fields_are_named_at_once()
    {
        var result = await ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: misspelt
              lables: {app: web}
            spec:
              containers:
              - name: web
                image: nginx
                imag: nginx
                portz: [{containerPort: 80}]
            """);

        result.ShouldFailWith(1,
            "Error from server (BadRequest)", "strict decoding error",
            "unknown field \"metadata.lables\"", "unknown field \"spec.containers[0].imag\"", "unknown field \"spec.containers[0].portz\"");
    }

    [Fact]
    public async Task A_wrongly_typed_field_is_named_with_the_type_it_has_to_have()
    {
        var result = await ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: mistyped
            spec:
              containers: nginx
            """);

        result.ShouldFailWith(1, "Error from server (BadRequest)", "cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container");
    }

    [Fact]
    public async Task All_invalid_values_are_named_at_once()
    {
        var result = await ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: Bad_Name
            spec:
              restartPolicy: Sometimes
              containers:
              - name: Web
                image: nginx
                ports: [{containerPort: 70000}]
              - name: empty
            """);

        result.ShouldFailWith(1,
            "The Pod \"Bad_Name\" is invalid", "metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain must consist of",
            "spec.containers[0].name: Invalid value: \"Web\": a lowercase RFC 1123 label must consist of",
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "spec.containers[1].image: Required value",
            "spec.restartPolicy: Unsupported value: \"Sometimes\"");
    }

    [Fact]
    public async Task An_unknown_kind_is_refused()
    {
        (await ApplyAsync("""
            apiVersion: v1
            kind: Podd
            metadata:
              name: unkind
            """)).ShouldFailWith(1, "no matches for kind \"Podd\" in version \"v1\"");

        (await _cluster.KubectlAsync("get", "podds")).ShouldFailWith(1, "the server doesn't have a resource type \"podds\"");
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_what_is_there_already_is_refused()
    {
        (await _cluster.KubectlAsync("get", "pod", "nobody")).ShouldFailWith(1, "Error from server (NotFound): pods \"nobody\" not found");
        (await _cluster.KubectlAsync("create", "namespace", "default")).ShouldFailWith(1, "Error from server (AlreadyExists): namespaces \"default\" already exists");
        (await _cluster.KubectlAsync("create", "configmap", "lost", "-n", "nowhere")).ShouldFailWith(1, "namespaces \"nowhere\" not found");
    }

    [Fact]
    public async Task An_image_that_nobody_knows_is_not_pulled_and_the_event_names_those_that_exist()
    {
        (await _cluster.KubectlAsync("run", "unknown-image", "--image=redis")).ShouldSucceed();

        var events = await _cluster.SeeAsync("Failed to pull image", "events", "--for", "pod/unknown-image");

        events.Output.ShouldContain("Failed to pull image \"redis\": no emulated image \"redis\"; images that exist: alpine, ");
        foreach (var image in (string[])["busybox", "curlimages/curl", "nginx"]) events.Output.ShouldContain(image);
        var pod = await Eventually.SeeAsync(() => _cluster.KubectlAsync("get", "pod", "unknown-image", "--no-headers"),
            seen => seen.Output.Contains("ErrImagePull", StringComparison.Ordinal) || seen.Output.Contains("ImagePullBackOff", StringComparison.Ordinal), "the pull's failure");
        pod.Output.ShouldContain("0/1");
        (await _cluster.KubectlAsync("delete", "pod", "unknown-image")).ShouldSucceed();
    }

    [Fact]
    public async Task A_second_container_of_a_pod_on_the_same_port_says_that_the_address_is_in_use()
    {
        (await ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: conflict
            spec:
              containers:
              - name: first
                image: nginx
                ports: [{containerPort: 80}]
              - name: second
                image: nginx
            """)).ShouldSucceed();

        await Eventually.SeeAsync(() => _cluster.KubectlAsync("logs", "conflict", "-c", "second"),
            seen => seen.Output.Contains("bind() to 0.0.0.0:80 failed (98: Address already in use)", StringComparison.Ordinal), "the conflict");
        (await _cluster.KubectlAsync("exec", "conflict", "-c", "first", "--", "curl", "-s", "localhost:80")).ShouldSucceed().Output.ShouldContain("Welcome to nginx!");
        await _cluster.SeeAsync("CrashLoopBackOff", "get", "pod", "conflict");
        (await _cluster.KubectlAsync("delete", "pod", "conflict")).ShouldSucceed();
    }

    [Fact]
    public async Task An_object_larger_than_the_server_takes_is_refused()
    {
        (await CreateConfigMapAsync(4_000_000)).ShouldFailWith(1, "Error from server (RequestEntityTooLarge)");
        (await CreateConfigMapAsync(1_500_000)).ShouldFailWith(1, "The ConfigMap \"huge\" is invalid: []: Too long: may not be more than 1048576 bytes");
    }

    [Fact]
    public async Task A_wrong_command_in_a_container_fails_as_it_does_elsewhere()
    {
        (await _cluster.KubectlAsync("run", "shell", "--image=busybox", "--", "sleep", "3600")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/shell", "--timeout=240s")).ShouldSucceed();

        (await _cluster.KubectlAsync("exec", "shell", "--", "no-such-program")).ShouldFailWith(1, "exec: \"no-such-program\": executable file not found in $PATH");
        (await _cluster.KubectlAsync("logs", "shell", "-c", "other")).ShouldFailWith(1, "container other is not valid for pod shell");
        (await _cluster.KubectlAsync("exec", "shell", "--", "cat", "/etc/shadow-of-the-host")).ShouldFailWith(1, "No such file or directory");
        (await _cluster.KubectlAsync("delete", "pod", "shell", "--now")).ShouldSucceed();
    }

    private Task<CommandResult> CreateConfigMapAsync(int size) => _cluster.KubectlWithInputAsync(
        $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: huge}}\ndata: {{a: {new string('x', size)}}}\n", "create", "-f", "-");

    private Task<CommandResult> ApplyAsync(string manifest) => _cluster.KubectlWithInputAsync(manifest, "apply", "-f", "-");
}
