#!/usr/bin/env node
// Runs the workflows in integrations/n8n with a stand-in for Dolibarr, and checks the outcome of every event.
//
//   node run.mjs                          walks the workflows itself, node by node; Node.js 18 or later
//   node run.mjs --only WORDS             the checks whose names contain these words
//   node run.mjs --engine FOLDER          with expressions, types and conditions by an installed `n8n-workflow`
//   node run.mjs --n8n URL --port PORT    the same with a real n8n on this machine, and the stand-in at PORT
//   node run.mjs --workflow PORT          prints the workflow as such an n8n needs it
//   node run.mjs --credentials            and its credentials, for `n8n import:credentials`
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import assert from 'node:assert/strict';
import { Dolibarr, apiKey } from './dolibarr.mjs';
import { engineAt } from './engine.mjs';
import { Workflow } from './n8n.mjs';
import { event, mistakes, scenarios } from './scenarios.mjs';
import { structure } from './structure.mjs';

const token = 'Bearer token-of-a-test';
const credentials = {
  'eventdrop (Authorization)': { name: 'Authorization', value: token },
  'Dolibarr (DOLAPIKEY)': { name: 'DOLAPIKEY', value: apiKey },
};
const headers = { authorization: token };
const read = name => JSON.parse(readFileSync(new URL(`../../../integrations/n8n/${name}`, import.meta.url), 'utf8'));

function setAddress(file, address) {
  const settings = file.nodes.find(node => node.name === 'Settings').parameters.assignments.assignments;
  settings.find(field => field.name === 'dolibarr').value = address;
}

/** The workflow, walked here. */
function walk(file, dolibarr) {
  setAddress(file, dolibarr.address);
  const workflow = new Workflow(file, credentials, engine);
  return {
    post: body => {
      sent += body.events.length;
      return workflow.post(body, headers);
    },
    /** The workflow as somebody has changed it. */
    changed(change) {
      const other = read('eventdrop-to-dolibarr.json');
      change(other);
      return walk(other, dolibarr);
    },
    async withAddress(address, work) {
      setAddress(file, address);
      try {
        await work();
      } finally {
        setAddress(file, dolibarr.address);
      }
    },
  };
}

/** The workflow in an n8n on this machine. */
function over(url) {
  const { hostname } = new URL(url);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) throw new Error(`not on this machine: ${hostname}`);
  return {
    async post(body) {
      sent += body.events.length;
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      try {
        return { status: answer.status, body: JSON.parse(text) };
      } catch {
        return { status: answer.status, body: text };
      }
    },
  };
}

const tally = { passed: 0, failed: 0 };
let sent = 0;
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    n8n: { type: 'string' },
    port: { type: 'string', default: '0' },
    workflow: { type: 'string' },
    credentials: { type: 'boolean' },
    engine: { type: 'string' },
  },
});
const engine = options.engine ? await engineAt(options.engine) : null;

async function check(name, work) {
  if (!name.includes(options.only)) return;
  const start = performance.now();
  try {
    await work();
    tally.passed += 1;
    console.log(`ok      ${name} (${Math.round(performance.now() - start)} ms)`);
  } catch (failure) {
    tally.failed += 1;
    console.log(`FAILED  ${name}: ${failure.message.split('\n').slice(0, 12).join(' ')}`);
  }
}

async function checkMinimal(dolibarr) {
  const batch = [event('a/b'), event('A$&b'), event('c', null, 'ANY')];
  const sent = (over = {}) => ({
    batchId: 'b',
    sentAt: new Date().toISOString(),
    timeoutMs: 10_000,
    count: 3,
    events: batch,
    ...over,
  });
  await check('minimal: each event is answered for', async () => {
    const answer = await new Workflow(read('eventdrop-minimal.json'), credentials, engine).post(sent(), headers);
    assert.deepEqual(answer, {
      status: 200,
      body: { results: batch.map(({ eventId }) => ({ eventId, status: 'ok' })) },
    });
  });
  await check('minimal: what arrives after its deadline stays pending', async () => {
    const answer = await new Workflow(read('eventdrop-minimal.json'), credentials, engine).post(
      sent({ sentAt: '2026-11-23T03:41:00Z' }),
      headers,
    );
    assert.deepEqual(answer, { status: 200, body: { results: [] } });
  });
  await check("minimal: an event that a node of one's own fails of comes again, the others are done", async () => {
    const file = read('eventdrop-minimal.json');
    const own = file.nodes.find(node => node.name === 'Your own nodes');
    Object.assign(own, {
      type: 'n8n-nodes-base.httpRequest',
      typeVersion: 4.2,
      parameters: {
        method: 'GET',
        url: `=${dolibarr.address}/orders/ref_ext/{{ encodeURIComponent($json.eventId) }}`,
        options: {},
      },
    });
    dolibarr.reset(22);
    dolibarr.trouble = {
      get: ({ ref }) =>
        ref === 'c'
          ? { status: 200, type: 'application/json', body: '{}' }
          : { status: 500, type: 'text/plain', body: '' },
    };
    const { body } = await new Workflow(file, credentials, engine).post(sent(), headers);
    assert.deepEqual(
      body.results.map(({ eventId, status }) => [eventId, status]),
      [
        ['a/b', 'retry'],
        ['A$&b', 'retry'],
        ['c', 'ok'],
      ],
    );
    assert.match(body.results[0].error, /status code 500/);
  });
  await check('minimal: without the token it is refused', async () => {
    const answer = await new Workflow(read('eventdrop-minimal.json'), credentials, engine).post(sent(), {});
    assert.equal(answer.status, 403);
  });
}

async function main() {
  if (options.credentials) {
    const list = Object.entries(credentials).map(([name, data], index) => ({
      id: `eventdropTest${index}`,
      name,
      type: 'httpHeaderAuth',
      data,
    }));
    console.log(JSON.stringify(list, null, 2));
    return;
  }
  if (options.workflow) {
    const file = read('eventdrop-to-dolibarr.json');
    setAddress(file, `http://127.0.0.1:${options.workflow}/api/index.php`);
    console.log(JSON.stringify(file, null, 2));
    return;
  }

  if (engine) console.log(`n8n-workflow ${engine.version}, expressions: ${engine.name}`);
  const dolibarr = await Dolibarr.start(Number(options.port));
  try {
    if (!options.n8n) {
      for (const name of ['eventdrop-to-dolibarr.json', 'eventdrop-minimal.json']) {
        for (const [rule, holds] of Object.entries(structure)) await check(`${name}: ${rule}`, () => holds(read(name)));
      }
      await checkMinimal(dolibarr);
    }
    const place = options.n8n ? over(options.n8n) : walk(read('eventdrop-to-dolibarr.json'), dolibarr);
    for (const [name, scenario] of Object.entries(scenarios)) await check(name, () => scenario({ place, dolibarr }));

    if (!options.n8n) {
      for (const [mistake, make, finder] of mistakes) {
        await check(`a mistake is found: ${mistake}`, async () => {
          const file = read('eventdrop-to-dolibarr.json');
          make(file);
          const [, scenario] = Object.entries(scenarios).find(([name]) => finder.test(name));
          await assert.rejects(scenario({ place: walk(file, dolibarr), dolibarr }), 'no check has found it');
        });
      }
    }
  } finally {
    await dolibarr.stop();
    await engine?.dispose();
  }
  if (sent > 0) console.log(`${sent} events were sent, and ${dolibarr.made} orders made`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;
}

await main();
