// Everyday calls of the official JavaScript client, against the cluster that KUBECONFIG leads to.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import * as k8s from '@kubernetes/client-node';

const namespace = 'javascript-client';
const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);

before(() => core.createNamespace({ body: { metadata: { name: namespace } } }));
after(() => core.deleteNamespace({ name: namespace }));

const createConfigMap = (name, data = {}) =>
  core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { app: 'listed' } }, data } });

/** Resolves with the first object for which `wanted` holds. */
const seen = (informer, verb, wanted) => new Promise((resolve, reject) => {
  informer.on(verb, object => wanted(object) && resolve(object));
  informer.on('error', reject);
});

test('lists page by page, and says what is not there', async () => {
  for (const name of ['a', 'b', 'c']) await createConfigMap(name);
  const first = await core.listNamespacedConfigMap({ namespace, labelSelector: 'app=listed', limit: 2 });
  const rest = await core.listNamespacedConfigMap({ namespace, labelSelector: 'app=listed', limit: 2, _continue: first.metadata._continue });
  assert.deepEqual([...first.items, ...rest.items].map(item => item.metadata.name), ['a', 'b', 'c']);
  assert.ok(rest.items[0].metadata.creationTimestamp instanceof Date);
  await assert.rejects(core.readNamespacedPod({ namespace, name: 'none' }), { code: 404 });
});

test('watches what happens from a revision on', async () => {
  const { metadata } = await core.listNamespacedConfigMap({ namespace });
  const events = [];
  let request;
  const done = new Promise((resolve, reject) => {
    request = new k8s.Watch(config).watch(`/api/v1/namespaces/${namespace}/configmaps`, { resourceVersion: metadata.resourceVersion, fieldSelector: 'metadata.name=watched' },
      (type, object) => {
        events.push(`${type} ${object.metadata.name}`);
        if (type === 'DELETED') resolve();
      }, reject);
  });
  await createConfigMap('watched');
  await core.patchNamespacedConfigMap({ namespace, name: 'watched', body: { data: { k: 'v' } } }, k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
  await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });
  await done;
  (await request).abort();
  assert.deepEqual(events, ['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
});

test('an informer keeps what it lists and what comes after', async () => {
  const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'app=listed' });
  await createConfigMap('informed');
  const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, 'app=listed');
  const known = seen(informer, 'add', object => object.metadata.name === 'informed');
  const added = seen(informer, 'add', object => object.metadata.name === 'later');
  const updated = seen(informer, 'update', object => object.data?.k === 'new');
  const deleted = seen(informer, 'delete', object => object.metadata.name === 'informed');
  await informer.start();
  await known;
  const later = await createConfigMap('later', { k: 'old' });
  await added;
  later.data.k = 'new';
  await core.replaceNamespacedConfigMap({ namespace, name: 'later', body: later });
  await updated;
  await core.deleteNamespacedConfigMap({ namespace, name: 'informed' });
  await deleted;
  assert.equal(informer.get('later', namespace).data.k, 'new');
  assert.equal(informer.get('informed', namespace), undefined);
  await informer.stop();
});

test('patches in all four ways', async () => {
  const metadata = { labels: { app: 'web' } };
  await apps.createNamespacedDeployment({
    namespace,
    body: { metadata: { name: 'web' }, spec: { replicas: 0, selector: { matchLabels: metadata.labels }, template: { metadata, spec: { containers: [{ name: 'web', image: 'nginx' }] } } } },
  });
  const withContainers = containers => ({ spec: { template: { spec: { containers } } } });
  const patch = async (strategy, body, options = {}) => {
    const patched = await apps.patchNamespacedDeployment({ namespace, name: 'web', body, ...options }, k8s.setHeaderOptions('Content-Type', strategy));
    return patched.spec.template.spec.containers.map(container => `${container.name}=${container.image}`).join(' ');
  };
  assert.equal(await patch(k8s.PatchStrategy.StrategicMergePatch, withContainers([{ name: 'side', image: 'busybox' }])), 'side=busybox web=nginx');
  assert.equal(await patch(k8s.PatchStrategy.JsonPatch, [{ op: 'remove', path: '/spec/template/spec/containers/0' }]), 'web=nginx');
  assert.equal(await patch(k8s.PatchStrategy.MergePatch, withContainers([{ name: 'only', image: 'httpd' }])), 'only=httpd');
  const applied = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, ...withContainers([{ name: 'only', image: 'nginx' }]) };
  await assert.rejects(patch(k8s.PatchStrategy.ServerSideApply, applied, { fieldManager: 'applier' }), { code: 409 });
  assert.equal(await patch(k8s.PatchStrategy.ServerSideApply, applied, { fieldManager: 'applier', force: true }), 'only=nginx');
});

test('exec, log and port-forward reach a pod', async () => {
  const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, () => core.listNamespacedPod({ namespace }));
  const ready = seen(informer, 'change', pod => pod.status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True'));
  await informer.start();
  await core.createNamespacedPod({ namespace, body: { metadata: { name: 'web' }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'nginx' }] } } });
  await ready;
  await informer.stop();

  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const status = await new Promise((resolve, reject) => new k8s.Exec(config)
    .exec(namespace, 'web', 'web', ['sh', '-c', 'cat; echo complaint >&2; exit 3'], stdout, stderr, Readable.from(['typed']), false, resolve).catch(reject));
  stdout.end();
  stderr.end();
  assert.equal(await text(stdout), 'typed');
  assert.equal(await text(stderr), 'complaint\n');
  assert.equal(status.details.causes[0].message, '3');

  const [answer, errors, request] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const socket = await new k8s.PortForward(config).portForward(namespace, 'web', [80], answer, errors, request);
  const closed = once(socket, 'close');
  request.write('GET / HTTP/1.0\r\n\r\n');
  await closed;
  answer.end();
  assert.match(await text(answer), /Welcome to nginx!/);

  const log = new PassThrough();
  const written = text(log);
  await new k8s.Log(config).log(namespace, 'web', 'web', log, { tailLines: 1 });
  assert.match(await written, /GET \/ HTTP\/1\.0/);
});
