// What n8n requires of a file to run it.
import { compile, segments } from './n8n.mjs';
import assert from 'node:assert/strict';

/** Node types, and their versions that both lines of n8n (1.123 and 2.41) have. */
const versions = {
  'n8n-nodes-base.webhook': [2],
  'n8n-nodes-base.set': [3.4],
  'n8n-nodes-base.splitOut': [1],
  'n8n-nodes-base.splitInBatches': [3],
  'n8n-nodes-base.switch': [3.2],
  'n8n-nodes-base.if': [2.2],
  'n8n-nodes-base.httpRequest': [4.2],
  'n8n-nodes-base.noOp': [1],
  'n8n-nodes-base.respondToWebhook': [1.1],
  'n8n-nodes-base.stickyNote': [1],
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const expressions = value =>
  typeof value === 'string'
    ? value.startsWith('=')
      ? [value]
      : []
    : value && typeof value === 'object'
      ? Object.values(value).flatMap(expressions)
      : [];

export const structure = {
  'it can be imported: an id, a name, a version of each node': file => {
    assert.match(file.id, /^[A-Za-z0-9]{1,36}$/);
    assert.ok(file.name && file.active === false);
    for (const node of file.nodes)
      assert.ok(versions[node.type]?.includes(node.typeVersion), `${node.name}: ${node.type} ${node.typeVersion}`);
  },
  'ids and names are unique, 15 nodes at most beside the notes': file => {
    const nodes = file.nodes.filter(node => node.type !== 'n8n-nodes-base.stickyNote');
    assert.ok(nodes.length <= 15, `${nodes.length} nodes`);
    for (const key of ['id', 'name']) assert.equal(new Set(file.nodes.map(node => node[key])).size, file.nodes.length);
    for (const node of file.nodes) assert.match(node.id, uuid);
    assert.equal(new Set(file.nodes.map(node => String(node.position))).size, file.nodes.length);
  },
  'one webhook: POST, with a token, a webhookId, answered by one Respond node': file => {
    const webhooks = file.nodes.filter(node => node.type === 'n8n-nodes-base.webhook');
    assert.equal(webhooks.length, 1);
    const { parameters, webhookId } = webhooks[0];
    assert.match(webhookId, uuid);
    assert.deepEqual(
      [parameters.httpMethod, parameters.authentication, parameters.responseMode],
      ['POST', 'headerAuth', 'responseNode'],
    );
    assert.equal(file.nodes.filter(node => node.type === 'n8n-nodes-base.respondToWebhook').length, 1);
  },
  'credentials are asked for by name, with no id': file => {
    for (const node of file.nodes) {
      for (const credential of Object.values(node.credentials ?? {})) {
        assert.equal(credential.id, null);
        assert.ok(credential.name);
      }
      if (node.parameters.authentication) assert.ok(node.credentials, node.name);
    }
    const text = JSON.stringify(file);
    assert.doesNotMatch(text, /"value":"Bearer /);
  },
  'every wire ends at a node, every node can be reached': file => {
    const names = new Set(file.nodes.map(node => node.name));
    const reached = new Set(file.nodes.filter(node => node.type === 'n8n-nodes-base.webhook').map(node => node.name));
    for (const name of reached) {
      for (const wire of (file.connections[name]?.main ?? []).flat()) {
        assert.ok(names.has(wire.node), wire.node);
        assert.deepEqual([wire.type, wire.index], ['main', 0]);
        reached.add(wire.node);
      }
    }
    for (const source of Object.keys(file.connections)) assert.ok(names.has(source), source);
    for (const node of file.nodes)
      assert.equal(reached.has(node.name), node.type !== 'n8n-nodes-base.stickyNote', node.name);
  },
  'every output of a switch leads on': file => {
    for (const node of file.nodes) {
      const wires = file.connections[node.name]?.main ?? [];
      if (node.type === 'n8n-nodes-base.switch') {
        assert.equal(node.parameters.options.fallbackOutput, 'extra', node.name);
        assert.equal(wires.length, node.parameters.rules.values.length + 1, node.name);
      } else if (
        node.type === 'n8n-nodes-base.if' ||
        node.type === 'n8n-nodes-base.splitInBatches' ||
        node.onError === 'continueErrorOutput'
      ) {
        assert.equal(wires.length, 2, node.name);
      }
      for (const output of wires) assert.equal(output.length, 1, node.name);
    }
  },
  'every way within the loop leads back into it, and only "done" leads out': file => {
    const loop = file.nodes.find(node => node.type === 'n8n-nodes-base.splitInBatches').name;
    const respond = file.nodes.find(node => node.type === 'n8n-nodes-base.respondToWebhook').name;
    const [done, body] = file.connections[loop].main;
    assert.deepEqual(
      done.map(wire => wire.node),
      [respond],
    );
    const inside = new Set(body.map(wire => wire.node));
    for (const name of inside) {
      const wires = (file.connections[name]?.main ?? []).flat();
      assert.ok(wires.length > 0, `${name} ends the loop`);
      for (const wire of wires) {
        assert.notEqual(wire.node, respond);
        if (wire.node !== loop) inside.add(wire.node);
      }
    }
  },
  'every expression can be read, and names nodes that are there': file => {
    const names = new Set(file.nodes.map(node => node.name));
    let count = 0;
    for (const node of file.nodes) {
      for (const expression of expressions(node.parameters)) {
        for (const { code } of segments(expression.slice(1))) {
          if (code === undefined) continue;
          count += 1;
          compile(code);
          // n8n evaluates the whole expression to undefined.
          assert.doesNotMatch(code, /catch\s*\{/, `${node.name}: catch needs a name`);
          for (const [, name] of code.matchAll(/\$\('([^']*)'\)/g)) assert.ok(names.has(name), `${node.name}: ${name}`);
        }
      }
    }
    assert.ok(count > 0);
  },
  'HTTP nodes follow no redirect, ask for no coding, and neither stop the workflow nor guess': file => {
    for (const { name, type, parameters, onError } of file.nodes) {
      if (type !== 'n8n-nodes-base.httpRequest') continue;
      assert.equal(onError, 'continueRegularOutput', name);
      assert.equal(parameters.options.redirect.redirect.followRedirects, false, name);
      assert.equal(parameters.options.response.response.neverError, true, name);
      // By default n8n waits forever for the end of an answer that is cut off, stalls, or is badly compressed.
      assert.equal(parameters.options.response.response.responseFormat, 'text', name);
      assert.ok(
        parameters.headerParameters.parameters.some(
          header => header.name === 'Accept-Encoding' && header.value === 'identity',
        ),
        name,
      );
    }
  },
  'an execution that hangs is ended, and gives its place back': file => {
    assert.equal(file.settings.executionTimeout, 300);
  },
  'nothing of what went well is kept': file => {
    assert.equal(file.settings.saveDataSuccessExecution, 'none');
    assert.equal(file.settings.executionOrder, 'v1');
    assert.deepEqual(file.pinData, {});
  },
};
