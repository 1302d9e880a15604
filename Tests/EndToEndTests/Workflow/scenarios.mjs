// What must hold for the Dolibarr workflow, whatever Dolibarr answers and whenever.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { login, refusals, troubles } from './dolibarr.mjs';

export const refOf = eventId => createHash('sha256').update(eventId).digest('hex');

export const oddIds = [
  'plain-1',
  'Plain-1',
  'PLAIN-1',
  'cafe',
  'café',
  'cafe\u0301',
  'CAFÉ',
  'trailing',
  'trailing ',
  'trailing  ',
  ' leading',
  'a/b',
  'a/b/c',
  '/',
  '..',
  '../orders',
  '.',
  '0',
  '00',
  '0.0',
  '1e3',
  '-1',
  'null',
  'true',
  'undefined',
  'x.json',
  'x.xml',
  'x',
  'a:b',
  'a;b',
  'a"b',
  "a'b",
  'a<b',
  'a>b',
  'a?b',
  'a(b',
  'a)b',
  'a{b',
  'a}b',
  'a$b',
  'a$$b',
  'a$&b',
  'a$`b',
  'a%b',
  'a%2Fb',
  'a%252Fb',
  'a#b',
  'a&b=c',
  'a+b',
  'a b',
  'a\\b',
  'a|b',
  'a*b',
  '{{ 1 + 1 }}',
  '={{ $json }}',
  '__proto__',
  'constructor',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '日本語',
  'עברית',
  '😀',
  '😀😀',
  '\u2028',
  '\u200b',
  'ß',
  'ss',
  'İ',
  'i',
  '@here',
  '~',
  '^',
  'e'.repeat(512),
  'é'.repeat(256),
  '😀'.repeat(128),
  'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
];

let number = 0;
/** An event as it is in a batch: the record's members. */
export const event = (eventId = `ord-${(number += 1)}`, data = {}, eventType = 'ORDER_PROCESSED') => ({
  eventId,
  eventType,
  processedAt: '2026-11-23T03:41:00.123Z',
  data:
    data && typeof data === 'object' && !Array.isArray(data)
      ? { socid: 7, lines: [{ desc: 'Ink', qty: 2, subprice: 12.5, tva_tx: 20, product_type: 0 }], ...data }
      : data,
  createdAt: '2026-11-23T03:41:00.123Z',
  updatedAt: '2026-11-23T03:41:00.123Z',
  source: { inbox: 'default', file: 'order.json', sha256: '0'.repeat(64), bytes: 73 },
});
const events = count => Array.from({ length: count }, () => event());

const envelope = (batch, { sentAt = Date.now(), timeoutMs = 60_000 } = {}) => ({
  batchId: refOf(batch.map(({ eventId }) => eventId).join('\n')).slice(0, 32),
  ...(sentAt === null ? {} : { sentAt: new Date(sentAt).toISOString() }),
  ...(timeoutMs === null ? {} : { timeoutMs }),
  count: batch.length,
  events: batch,
});

/** What no returned text may contain. */
function assertClean(text) {
  assert.doesNotMatch(text, new RegExp(`${login}|INSERT|SELECT|llx_commande |'dolibarr'|key-of-a|<html|<br`, 'i'));
}

/** Sends a batch, and returns what the answer says about each event. */
async function send(place, batch, options) {
  const answer = await place.post(envelope(batch, options));
  assert.equal(answer.status, 200, JSON.stringify(answer));
  assert.ok(Array.isArray(answer.body?.results), `no results: ${JSON.stringify(answer.body)}`);
  const sent = new Set(batch.map(({ eventId }) => eventId));
  const said = new Map();
  for (const { eventId, status, error } of answer.body.results) {
    assert.ok(sent.delete(eventId), `${eventId} was not sent, or is named twice`);
    assert.match(status, /^(ok|duplicate|retry|reject)$/);
    if (status === 'retry' || status === 'reject') {
      assert.match(error, /\w{3}/, `${eventId}: ${status} without a word`);
      assert.ok(error.length <= 320, error);
      assertClean(error);
    }
    said.set(eventId, { status, error });
  }
  said.message = answer.body.message;
  return said;
}

/** Sends what is not settled until everything is, as eventdrop does. */
async function sendUntilDone(place, batch, options) {
  let pending = batch;
  for (let round = 0; pending.length > 0; round += 1) {
    assert.ok(round < 20, `not settled: ${pending.map(({ eventId }) => eventId)}`);
    const said = await send(place, pending, options);
    for (const { status, error } of said.values()) assert.notEqual(status, 'reject', error);
    pending = pending.filter(({ eventId }) => !['ok', 'duplicate'].includes(said.get(eventId)?.status));
  }
}

/** There is one order for each of these events, and none for others. */
function assertOneOrderEach(dolibarr, batch) {
  const refs = dolibarr.orders.map(order => order.ref_ext).sort();
  assert.deepEqual(refs, batch.map(({ eventId }) => refOf(eventId)).sort());
  for (const order of dolibarr.orders) assert.equal(order.total, 25);
}

const has = (dolibarr, eventId) => dolibarr.orders.some(order => order.ref_ext === refOf(eventId));

/** Sends a batch to a Dolibarr in trouble: nothing may be reported as done that is not, and nothing as refused. */
async function sendInTrouble({ place, dolibarr }, batch) {
  const said = await send(place, batch);
  assert.equal(said.size, batch.length, 'not every event is answered for');
  for (const [eventId, { status, error }] of said) {
    assert.notEqual(status, 'reject', `${eventId} is refused: ${error}`);
    if (status !== 'retry') assert.ok(has(dolibarr, eventId), `${eventId} is lost: ${status}`);
  }
  return batch.filter(({ eventId }) => said.get(eventId).status === 'retry');
}

async function survives(bench, trouble, version) {
  const { place, dolibarr } = bench;
  const moments = {
    before: { after: 0 },
    'before a look-up': { after: 4 },
    'between look-up and order': { after: 5 },
    'for one request': { after: 2, times: 1 },
  };
  for (const [moment, when] of Object.entries(moments)) {
    dolibarr.reset(version);
    const batch = events(5);
    dolibarr.goWrong(trouble, when);
    try {
      const rest = await sendInTrouble(bench, batch);
      if (moment === 'before') await sendInTrouble(bench, batch);
      dolibarr.mend();
      if (rest.length > 0) await sendUntilDone(place, rest);
      assertOneOrderEach(dolibarr, batch);
      // After it, and with all acknowledgements forgotten.
      dolibarr.goWrong(trouble);
      await sendInTrouble(bench, batch);
      dolibarr.mend();
      await sendUntilDone(place, batch);
      assertOneOrderEach(dolibarr, batch);
    } catch (failure) {
      failure.message = `${moment}, Dolibarr ${version}: ${failure.message}`;
      throw failure;
    }
  }
}

export const scenarios = {};

scenarios['a batch becomes orders, once, with all that the events bring'] = async ({ place, dolibarr }) => {
  dolibarr.reset();
  const batch = [...events(20), event('ord-x', { date: '2026-11-20T10:00:00Z', socid: '12' })];
  await sendUntilDone(place, batch);
  assertOneOrderEach(dolibarr, batch);
  const order = dolibarr.orders.find(one => one.ref_ext === refOf('ord-x'));
  assert.deepEqual(
    [String(order.socid), order.date, order.ref_client],
    ['12', Date.parse('2026-11-20T10:00:00Z') / 1000, 'ord-x'],
  );
  assert.deepEqual(JSON.parse(order.note_private), {
    eventId: 'ord-x',
    eventType: 'ORDER_PROCESSED',
    data: batch[20].data,
  });
  assert.deepEqual(
    [...(await send(place, batch)).values()].map(({ status }) => status),
    Array(21).fill('duplicate'),
  );
  assertOneOrderEach(dolibarr, batch);
};

scenarios['a hundred events in one batch'] = async ({ place, dolibarr }) => {
  dolibarr.reset();
  const batch = events(100);
  const said = await send(place, batch);
  assert.deepEqual(
    [...said.keys()],
    batch.map(({ eventId }) => eventId),
  );
  assertOneOrderEach(dolibarr, batch);
};

for (const version of [17, 20, 22]) {
  scenarios[
    `${oddIds.length} odd ids are one order each, and again after all acknowledgements are forgotten (Dolibarr ${version})`
  ] = async ({ place, dolibarr }) => {
    dolibarr.reset(version);
    const batch = oddIds.map(eventId => event(eventId));
    assert.equal(new Set(oddIds).size, oddIds.length);
    const first = await send(place, batch);
    for (const eventId of oddIds)
      assert.equal(first.get(eventId)?.status, 'ok', `${eventId}: ${first.get(eventId)?.error}`);
    const again = await send(place, batch);
    for (const eventId of oddIds) assert.equal(again.get(eventId)?.status, 'duplicate', eventId);
    assertOneOrderEach(dolibarr, batch);
  };
}

for (const trouble of Object.keys(troubles)) {
  const [, versions] = trouble.match(/\(([\d, ]+)\)$/) ?? [null, '20, 22'];
  scenarios[`none lost, none twice: ${trouble}`] = async bench => {
    for (const version of versions.split(', ')) await survives(bench, trouble, Number(version));
  };
}

scenarios['no Dolibarr at all'] = async bench => {
  const { place, dolibarr } = bench;
  dolibarr.reset();
  const batch = events(4);
  await place.withAddress?.('http://127.0.0.1:9/api/index.php', async () => {
    const said = await send(place, batch);
    for (const { status, error } of said.values()) {
      assert.equal(status, 'retry');
      assert.match(error, /no answer/);
    }
  });
  await sendUntilDone(place, batch);
  assertOneOrderEach(dolibarr, batch);
};

for (const refusal of Object.keys(refusals)) {
  scenarios[`refused with Dolibarr's words: ${refusal}`] = async ({ place, dolibarr }) => {
    dolibarr.reset();
    const batch = events(5);
    dolibarr.goWrong(refusal, { after: 5, times: 1 });
    const said = await send(place, batch);
    assert.deepEqual(
      [...said.values()].map(({ status }) => status),
      ['ok', 'ok', 'reject', 'ok', 'ok'],
    );
    assert.match(said.get(batch[2].eventId).error, new RegExp(refusal));
    assertOneOrderEach(
      dolibarr,
      batch.filter((_, index) => index !== 2),
    );
    // Whoever fixes the cause sends it again.
    await sendUntilDone(place, batch);
    assertOneOrderEach(dolibarr, batch);
  };
}

scenarios['refused for what the event says: customer, line, text, each version'] = async ({ place, dolibarr }) => {
  const bad = () => [
    [event(undefined, { socid: 404 }), /fk_commande_fk_soc/],
    [event(undefined, { socid: 405 }), /Failed to fetch company/],
    [
      event(undefined, { lines: [{ desc: '😀', qty: 1, subprice: 1, tva_tx: 20, product_type: 0 }] }),
      /Incorrect string value/,
    ],
    [
      event(undefined, { lines: [{ qty: 1, subprice: 200_000_000_000_000_000_000, tva_tx: 20, product_type: 0 }] }),
      /Out of range/,
    ],
  ];
  for (const version of [17, 20, 22]) {
    dolibarr.reset(version);
    const refused = bad();
    const good = events(3);
    const said = await send(place, [
      good[0],
      refused[0][0],
      refused[1][0],
      good[1],
      refused[2][0],
      refused[3][0],
      good[2],
    ]);
    for (const [{ eventId }, words] of refused) {
      assert.equal(said.get(eventId).status, 'reject', said.get(eventId).error);
      assert.match(said.get(eventId).error, words);
    }
    assertOneOrderEach(dolibarr, good);
  }
};

scenarios['an event that does not bring what an order needs is refused, and Dolibarr is not asked'] = async ({
  place,
  dolibarr,
}) => {
  dolibarr.reset(22);
  const line = { desc: 'Ink', qty: 2, subprice: 12.5, tva_tx: 20, product_type: 0 };
  const without = name => Object.fromEntries(Object.entries(line).filter(([key]) => key !== name));
  const cases = [
    [{ socid: undefined }, /socid/],
    [{ socid: null }, /socid/],
    [{ socid: 'nobody' }, /socid/],
    [{ socid: 0 }, /socid/],
    [{ socid: {} }, /socid/],
    [{ date: 'soon' }, /date/],
    [{ lines: undefined }, /lines/],
    [{ lines: null }, /lines/],
    [{ lines: [] }, /lines/],
    [{ lines: {} }, /lines/],
    [{ lines: 'one' }, /lines/],
    ...['qty', 'subprice', 'tva_tx', 'product_type'].map(name => [{ lines: [line, without(name)] }, new RegExp(name)]),
    [{ lines: [{ ...line, subprice: 'free' }] }, /subprice/],
    [{ lines: [{ ...line, subprice: null }] }, /subprice/],
    [{ lines: [null] }, /qty/],
    [{ lines: [7] }, /qty/],
    [null, /socid/],
    [[], /socid/],
    ['text', /lines/],
    [7, /lines/],
    [true, /lines/],
  ];
  const bad = cases.map(([data, words]) => [event(undefined, data), words]);
  const good = event();
  const said = await send(place, [...bad.map(([one]) => one), good]);
  for (const [one, words] of bad) {
    const { status, error } = said.get(one.eventId);
    assert.equal(status, 'reject', `${JSON.stringify(one.data)}: ${error}`);
    assert.match(error, words);
  }
  assert.deepEqual(dolibarr.requests, ['GET', 'POST']);
  assertOneOrderEach(dolibarr, [good]);
};

scenarios['a mapping that fails of one event refuses this one, and the others are made'] = async ({
  place,
  dolibarr,
}) => {
  if (!place.changed) return;
  dolibarr.reset();
  const other = place.changed(file => {
    field(file, 'The order', 'socid').value = '={{ $json.data.customer.number }}';
  });
  const batch = events(3);
  for (const index of [0, 2]) batch[index].data.customer = { number: 7 };
  const said = await send(other, batch);
  assert.deepEqual(
    [...said.values()].map(({ status }) => status),
    ['ok', 'reject', 'ok'],
  );
  assert.match(said.get(batch[1].eventId).error, /no order can be made of it/);
  assertOneOrderEach(dolibarr, [batch[0], batch[2]]);
};

scenarios['events of other types are answered with ok, and Dolibarr is not asked'] = async ({ place, dolibarr }) => {
  dolibarr.reset();
  const batch = [
    event(undefined, {}, 'PAYMENT_RECEIVED'),
    event(undefined, null, 'CONTENT_VALIDATED'),
    event(),
    event(undefined, {}, 'order_processed'),
  ];
  const said = await send(place, batch);
  assert.deepEqual(
    [...said.values()].map(({ status }) => status),
    ['ok', 'ok', 'ok', 'ok'],
  );
  assertOneOrderEach(dolibarr, [batch[2]]);
  assert.deepEqual(dolibarr.requests, ['GET', 'POST']);
};

scenarios['a note is ASCII and fits, whatever the data'] = async ({ place, dolibarr }) => {
  dolibarr.reset();
  const batch = [event(undefined, { text: '😀 é <b>&"\u2028' }), event(undefined, { text: '日本語'.repeat(40_000) })];
  const said = await send(place, batch);
  for (const { status, error } of said.values()) assert.equal(status, 'ok', error);
  for (const order of dolibarr.orders) {
    assert.match(order.note_private, /^[ -~]*$/);
    assert.doesNotMatch(order.note_private, /[<>&]/);
    assert.ok(order.note_private.length <= 60_000);
  }
  assert.deepEqual(JSON.parse(dolibarr.orders[0].note_private).data, batch[0].data);
};

scenarios['a copy that arrives after its deadline makes nothing, and says why'] = async ({ place, dolibarr }) => {
  dolibarr.reset();
  const batch = events(3);
  for (const options of [
    { sentAt: Date.now() - 20_000, timeoutMs: 10_000 },
    { sentAt: Date.now() - 8000, timeoutMs: null },
    { sentAt: Date.now() - 46_000 },
  ]) {
    const said = await send(place, batch, options);
    assert.equal(said.size, 0);
    assert.match(said.message, /no time was left for 3 of 3 events/);
  }
  assert.deepEqual(dolibarr.requests, []);
  // Without a timeout in the envelope, ten seconds; without either, from its arrival.
  assert.equal((await send(place, [batch[0]], { sentAt: Date.now() - 4000, timeoutMs: null })).size, 1);
  assert.equal((await send(place, [batch[1]], { sentAt: null, timeoutMs: null })).size, 1);
  assertOneOrderEach(dolibarr, batch.slice(0, 2));
};

scenarios['three copies that wait until their deadline is over make no order, and the next makes one each'] = async ({
  place,
  dolibarr,
}) => {
  dolibarr.reset();
  const batch = events(3);
  const late = { sentAt: Date.now() - 10_000, timeoutMs: 10_000 };
  const answers = await Promise.all([1, 2, 3].map(() => send(place, batch, late)));
  for (const said of answers) assert.equal(said.size, 0);
  assert.equal(dolibarr.orders.length, 0);
  await sendUntilDone(place, batch);
  assertOneOrderEach(dolibarr, batch);
};

scenarios['with the unique index, four copies at once make one order each, and nothing is refused'] = async ({
  place,
  dolibarr,
}) => {
  for (const version of [20, 22]) {
    dolibarr.reset(version);
    Object.assign(dolibarr, { isUnique: true, delay: 20 });
    const batch = events(10);
    await Promise.all([1, 2, 3, 4].map(() => sendUntilDone(place, batch)));
    assertOneOrderEach(dolibarr, batch);
  }
};

scenarios['a batch that is half done at its deadline is answered in time, with its half'] = async ({
  place,
  dolibarr,
}) => {
  dolibarr.reset();
  dolibarr.delay = 60;
  const batch = events(40);
  const start = Date.now();
  const said = await send(place, batch, { timeoutMs: 2000 });
  assert.ok(Date.now() - start < 2000, `${Date.now() - start} ms`);
  assert.ok(said.size > 0 && said.size < 40, `${said.size} events`);
  assert.deepEqual(
    [...said.keys()],
    batch.slice(0, said.size).map(({ eventId }) => eventId),
  );
  assert.equal(dolibarr.orders.length, said.size);
  await sendUntilDone(place, batch.slice(said.size), { timeoutMs: 2000 });
  assertOneOrderEach(dolibarr, batch);
};

scenarios['a Dolibarr that does not answer is waited for until the deadline, no longer'] = async ({
  place,
  dolibarr,
}) => {
  dolibarr.reset();
  dolibarr.delay = 8000;
  const batch = events(2);
  const start = Date.now();
  const said = await send(place, batch, { timeoutMs: 3000 });
  assert.ok(Date.now() - start < 3000, `${Date.now() - start} ms`);
  assert.deepEqual(
    [...said].map(([eventId, { status }]) => [eventId, status]),
    [[batch[0].eventId, 'retry']],
  );
  dolibarr.delay = 0;
  await sendUntilDone(place, batch);
  assertOneOrderEach(dolibarr, batch);
};

scenarios['an answer that begins and never ends is waited for until the deadline, no longer'] = async ({
  place,
  dolibarr,
}) => {
  dolibarr.reset();
  dolibarr.trouble = { get: { status: 200, type: 'application/json', body: '{"id":"1","ref_', stalls: true } };
  const batch = events(2);
  const start = Date.now();
  const said = await send(place, batch, { timeoutMs: 3000 });
  assert.ok(Date.now() - start < 3000, `${Date.now() - start} ms`);
  assert.deepEqual(
    [...said].map(([eventId, { status }]) => [eventId, status]),
    [[batch[0].eventId, 'retry']],
  );
  dolibarr.mend();
  await sendUntilDone(place, batch);
  assertOneOrderEach(dolibarr, batch);
};

/** Workflows with one mistake each, and a scenario that must find it. */
export const mistakes = [
  [
    'the eventId as the reference',
    file => (field(file, 'The order', 'ref_ext').value = '={{ $json.eventId }}'),
    /odd ids .*20/,
  ],
  [
    'any 404 means absent',
    file => rule(file, 'Is it there?', 'absent', '={{ !$json.error && $json.statusCode === 404 }}'),
    /answered by a web server$/,
  ],
  [
    'any 200 means there',
    file => rule(file, 'Is it there?', 'there', '={{ $json.statusCode === 200 }}'),
    /maintenance/,
  ],
  [
    'an order without a number is there',
    file =>
      rule(
        file,
        'Is it there?',
        'there',
        "={{ /^.+\"ref_ext\":/.test($json.data) && JSON.parse($json.data).ref_ext === $('The order').first().json.ref_ext }}",
      ),
    /echoes/,
  ],
  [
    'any 200 means made',
    file => edit(file, 'Made or refused', text => text.replace(/ && \/\^.*?test\(text\)/, '')),
    /answered with a page/,
  ],
  [
    'any number means made',
    file => edit(file, 'Made or refused', text => text.replace(' && $json.statusCode === 200', '')),
    /202 and a number/,
  ],
  [
    'any 500 is a refusal',
    file => edit(file, 'Made or refused', text => text.replace('told.code === 400', 'told.code >= 400')),
    /table that is damaged/,
  ],
  [
    'a deadlock is a refusal',
    file => edit(file, 'Made or refused', text => text.replace('&& never && !later', '&& never')),
    /in a deadlock/,
  ],
  [
    'words as they come',
    file => edit(file, 'Again later', text => text.replace(/\.replace\(\/\\blogin.*?'login …'\)/, '')),
    /rights missing/,
  ],
  [
    'codings are taken',
    file => node(file, 'Look the order up').parameters.headerParameters.parameters.pop(),
    /becomes orders/,
  ],
  [
    'an answer is guessed',
    file => delete node(file, 'Create the order').parameters.options.response.response.responseFormat,
    /words: Data too long/,
  ],
  [
    "a look-up's answer is guessed, and is cut off",
    file => delete node(file, 'Look the order up').parameters.options.response.response.responseFormat,
    /an answer is cut off/,
  ],
  [
    "a look-up's answer is guessed, and is not what its coding says",
    file => delete node(file, 'Look the order up').parameters.options.response.response.responseFormat,
    /gzip that is none/,
  ],
  [
    "a look-up's answer is guessed, and never ends",
    file => delete node(file, 'Look the order up').parameters.options.response.response.responseFormat,
    /begins and never ends/,
  ],
  ['an HTTP node stops the workflow', file => delete node(file, 'Look the order up').onError, /connection closed/],
  ['no deadline', file => rule(file, 'What to do?', 'no time left', '={{ false }}'), /after its deadline/],
  ['a way that does not lead back', file => (file.connections['What to do?'].main[1] = []), /after its deadline/],
  ['ten events at a time', file => (node(file, 'One event at a time').parameters.batchSize = 10), /becomes orders/],
  [
    'lines are not checked',
    file => rule(file, 'What to do?', 'incomplete', '={{ !($json.socid > 0) || !($json.date > 0) }}'),
    /does not bring/,
  ],
  [
    'the note as it is',
    file => (field(file, 'The order', 'note_private').value = '={{ JSON.stringify($json.data) }}'),
    /a note is ASCII/,
  ],
];

const node = (file, name) => file.nodes.find(one => one.name === name);
const field = (file, name, key) => node(file, name).parameters.assignments.assignments.find(one => one.name === key);
const rule = (file, name, key, expression) => {
  node(file, name).parameters.rules.values.find(one => one.outputKey === key).conditions.conditions[0].leftValue =
    expression;
};
const edit = (file, name, change) => {
  const result = field(file, name, 'result');
  const changed = change(result.value);
  assert.notEqual(changed, result.value, `nothing to change in ${name}`);
  result.value = changed;
};
