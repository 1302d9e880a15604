// Walks an n8n workflow node by node, with the workflow's own parameters and expressions: as much of n8n as the workflows
// here use, and stricter (an expression that throws, or a node with an option unknown here, is an error).
import { createHash } from 'node:crypto';
import { request as send } from 'node:http';
import vm from 'node:vm';
import { gunzipSync } from 'node:zlib';

class NodeFailure extends Error {}
/** n8n waits forever: the run never ends, and no request is answered. */
class NeverEnds extends Error {}
/** An answer whose head has arrived, but not its body. */
class BodyFailure extends Error {
  constructor(cause, head) {
    super(cause.message);
    this.head = head;
    this.isLate = cause instanceof Late;
  }
}
class Late extends Error {}

const context = vm.createContext({});
context.hashOf = (text, algorithm) => createHash(algorithm).update(text, 'utf8').digest('hex');
vm.runInContext(
  `Object.defineProperty(String.prototype, 'hash', { value(algorithm = 'md5') { return hashOf(String(this), algorithm); } });`,
  context,
);
const scripts = new Map();

/** Splits a parameter that starts with `=` as n8n does: the first `}}` ends an expression, wherever it is. */
export function segments(text) {
  const parts = [];
  let rest = text;
  for (let at = rest.indexOf('{{'); at >= 0; at = rest.indexOf('{{')) {
    if (at > 0) parts.push({ text: rest.slice(0, at) });
    const end = rest.indexOf('}}', at);
    if (end < 0) throw new NodeFailure('an expression has no end');
    parts.push({ code: rest.slice(at + 2, end) });
    rest = rest.slice(end + 2);
  }
  if (rest) parts.push({ text: rest });
  return parts;
}

export function compile(code) {
  if (!scripts.has(code))
    scripts.set(code, vm.runInContext(`(function ($json, $, $input, Date) { return (${code}\n) })`, context));
  return scripts.get(code);
}

function typed(value, type, ignoreErrors, name) {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'number':
      if (value !== '' && Number.isFinite(Number(value))) return Number(value);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'array': {
      let list = value;
      if (typeof list === 'string')
        try {
          list = JSON.parse(list);
        } catch {
          list = null;
        }
      if (Array.isArray(list)) return list;
      break;
    }
    case 'object':
      if (typeof value === 'object' && !Array.isArray(value)) return value;
      break;
    default:
      throw new NodeFailure(`unknown type ${type}`);
  }
  if (ignoreErrors) return value;
  throw new NodeFailure(`'${name}' expects a ${type} but we got '${value}'`);
}

export class Workflow {
  /** `credentials` by their name: `{name, value}` of a header; `engine`: n8n's own library instead of the code here. */
  constructor(definition, credentials, engine = null) {
    Object.assign(this, { definition, credentials, engine });
    this.nodes = new Map(definition.nodes.map(node => [node.name, node]));
  }

  /** Changes a parameter, as a person does in the editor. */
  set(nodeName, change) {
    change(this.nodes.get(nodeName).parameters);
  }

  /** One call of the webhook. */
  async post(body, headers = {}) {
    const webhook = this.definition.nodes.find(node => node.type === 'n8n-nodes-base.webhook');
    const wanted = this.credentials[webhook.credentials.httpHeaderAuth.name];
    if (headers[wanted.name.toLowerCase()] !== wanted.value)
      return { status: 403, body: 'Authorization data is wrong!' };
    await this.engine?.prepare(this.definition);
    const run = new Run(this);
    try {
      await run.all(webhook.name, [
        { json: { headers, params: {}, query: {}, body: JSON.parse(JSON.stringify(body)) } },
      ]);
    } catch (failure) {
      if (failure instanceof NeverEnds) return run.answer ?? { status: null, body: `no answer, ever: ${failure.message}` };
      if (failure instanceof NodeFailure)
        return run.answer ?? { status: 500, body: { message: 'Error in workflow' }, failure };
      throw failure;
    }
    return run.answer ?? { status: 200, body: '' };
  }
}

class Run {
  outputs = new Map();
  contexts = new Map();
  answer = null;
  steps = 0;

  constructor(workflow) {
    this.workflow = workflow;
  }

  async all(name, items) {
    const stack = [{ name, items }];
    while (stack.length > 0) {
      if (++this.steps > 20_000) throw new Error('the workflow does not end');
      const { name, items } = stack.pop();
      const node = this.workflow.nodes.get(name);
      const kind = kinds[`${node.type} ${node.typeVersion}`];
      if (!kind) throw new Error(`${node.type} ${node.typeVersion} is not known here`);
      const outputs = await kind.call(this, node, items);
      this.outputs.set(name, outputs);
      const wires = this.workflow.definition.connections[name]?.main ?? [];
      // The first output's branch is walked to its end before the second's, as in n8n's execution order v1.
      for (let index = outputs.length - 1; index >= 0; index -= 1) {
        if (outputs[index].length === 0) continue;
        for (const wire of [...(wires[index] ?? [])].reverse()) stack.push({ name: wire.node, items: outputs[index] });
      }
    }
  }

  value(node, parameter, items, index) {
    if (typeof parameter !== 'string' || !parameter.startsWith('=')) return parameter;
    const { engine, definition } = this.workflow;
    if (engine) {
      try {
        return engine.value(definition, this.outputs, node, parameter, items, index);
      } catch (failure) {
        throw new NodeFailure(`${node.name}: ${failure.message}`);
      }
    }
    const parts = segments(parameter.slice(1));
    const values = parts.map(part =>
      part.code === undefined ? part.text : this.evaluate(node, part.code, items, index),
    );
    return parts.length === 1 && parts[0].code !== undefined ? values[0] : values.map(String).join('');
  }

  field(node, { name, value, type }, ignoreErrors, items, index) {
    const found = this.value(node, value, items, index);
    if (!this.workflow.engine) return typed(found, type, ignoreErrors, name);
    const result = this.workflow.engine.field(name, found, type);
    if (!result.error) return result.value;
    if (ignoreErrors) return found ?? null;
    throw new NodeFailure(result.error);
  }

  evaluate(node, code, items, index) {
    const of = name => {
      if (!this.workflow.nodes.has(name)) throw new NodeFailure(`there is no node "${name}"`);
      const outputs = this.outputs.get(name);
      if (!outputs) throw new NodeFailure(`node "${name}" has not run`);
      const pick = (branch, position) => {
        if (branch === undefined && outputs.length > 1)
          throw new NodeFailure(`"${name}" has several outputs: say which`);
        return outputs[branch ?? 0].at(position);
      };
      return {
        first: branch => pick(branch, 0),
        last: branch => pick(branch, -1),
        all: branch => outputs[branch ?? 0],
      };
    };
    const input = { all: () => items, first: () => items[0], last: () => items.at(-1), item: items[index] };
    try {
      return compile(code)(items[index].json, of, input, Date);
    } catch (failure) {
      throw new NodeFailure(`${node.name}: ${failure.message}`);
    }
  }

  condition(node, conditions, items, index) {
    const { engine } = this.workflow;
    if (engine) {
      const left = conditions.conditions.map(one => this.value(node, one.leftValue, items, index));
      try {
        return engine.condition(conditions, left);
      } catch (failure) {
        throw new NodeFailure(`${node.name}: ${failure.message}`);
      }
    }
    const results = conditions.conditions.map(one => {
      if (one.operator.type !== 'boolean' || one.operator.operation !== 'true')
        throw new Error(`${node.name}: an operator that is not known here`);
      const value = this.value(node, one.leftValue, items, index);
      if (typeof value !== 'boolean') throw new NodeFailure(`${node.name}: wrong type: '${value}' is not a boolean`);
      return value;
    });
    return conditions.combinator === 'and' ? results.every(Boolean) : results.some(Boolean);
  }
}

const kinds = {
  'n8n-nodes-base.webhook 2': async (node, items) => [items],

  'n8n-nodes-base.set 3.4': async function (node, items) {
    const { mode, assignments, includeOtherFields, options } = node.parameters;
    if (mode !== 'manual')
      throw new Error(`${node.name}: JSON mode replaces $& and $$ in values (in n8n before August 2025)`);
    return [
      items.map((item, index) => {
        try {
          const json = includeOtherFields ? structuredClone(item.json) : {};
          for (const field of assignments.assignments) {
            json[field.name] = this.field(node, field, options.ignoreConversionErrors, items, index);
          }
          // As n8n keeps it; and the result of an expression belongs to another realm.
          return { json: JSON.parse(JSON.stringify(json)) };
        } catch (failure) {
          if (node.onError === 'continueRegularOutput' && failure instanceof NodeFailure)
            return { json: { error: failure.message } };
          throw failure;
        }
      }),
    ];
  },

  'n8n-nodes-base.noOp 1': async (node, items) => (node.onError === 'continueErrorOutput' ? [items, []] : [items]),

  'n8n-nodes-base.splitOut 1': async (node, items) => [
    items.flatMap(item => {
      const list = node.parameters.fieldToSplitOut.split('.').reduce((value, name) => value?.[name], item.json);
      return list === undefined ? [] : Array.from(list, json => ({ json }));
    }),
  ],

  'n8n-nodes-base.splitInBatches 3': async function (node, items) {
    const size = node.parameters.batchSize ?? 1;
    let state = this.contexts.get(node.name);
    if (!state) {
      state = { waiting: [...items], done: [] };
      this.contexts.set(node.name, state);
    } else {
      state.done.push(...items);
    }
    const next = state.waiting.splice(0, size);
    return next.length > 0 ? [[], next] : [state.done, []];
  },

  'n8n-nodes-base.switch 3.2': async function (node, items) {
    const { rules, options } = node.parameters;
    const outputs = Array.from(
      { length: rules.values.length + (options.fallbackOutput === 'extra' ? 1 : 0) },
      () => [],
    );
    items.forEach((item, index) => {
      const match = rules.values.findIndex(rule => this.condition(node, rule.conditions, items, index));
      outputs.at(match < 0 && options.fallbackOutput === 'extra' ? -1 : match)?.push(item);
    });
    return outputs;
  },

  'n8n-nodes-base.if 2.2': async function (node, items) {
    const outputs = [[], []];
    items.forEach((item, index) =>
      outputs[this.condition(node, node.parameters.conditions, items, index) ? 0 : 1].push(item),
    );
    return outputs;
  },

  'n8n-nodes-base.httpRequest 4.2': async function (node, items) {
    const { parameters } = node;
    // n8n starts the requests of all items at once.
    const answers = await Promise.all(
      items.map(async (item, index) => {
        const value = parameter => this.value(node, parameter, items, index);
        try {
          const headers = {};
          if (parameters.sendHeaders)
            for (const { name, value: text } of parameters.headerParameters.parameters)
              headers[name.toLowerCase()] = value(text);
          if (parameters.authentication) {
            const credential = this.workflow.credentials[node.credentials.httpHeaderAuth.name];
            headers[credential.name.toLowerCase()] = credential.value;
          }
          headers['accept-encoding'] ??= 'gzip, compress, deflate, br';
          const body = parameters.sendBody ? JSON.stringify(value(parameters.jsonBody)) : undefined;
          const redirects = parameters.options.redirect?.redirect?.followRedirects ?? true;
          const answer = await exchange({
            method: parameters.method,
            url: value(parameters.url),
            headers,
            body,
            timeout: value(parameters.options.timeout) ?? 300_000,
            redirects: redirects ? 21 : 0,
          });
          const { fullResponse, neverError, responseFormat } = parameters.options.response?.response ?? {};
          if (!neverError && answer.statusCode >= 400)
            throw new NodeFailure(`Request failed with status code ${answer.statusCode}`);
          let content = { data: answer.text };
          if (responseFormat !== 'text' && /application\/json/.test(answer.headers['content-type'] ?? '')) {
            content = { body: answer.text.trim() === '' ? {} : JSON.parse(answer.text) };
          }
          if (!fullResponse) return { json: content.body ?? content };
          return {
            json: {
              ...content,
              headers: answer.headers,
              statusCode: answer.statusCode,
              statusMessage: answer.statusMessage,
            },
          };
        } catch (failure) {
          if (failure instanceof BodyFailure) {
            const { responseFormat, neverError } = parameters.options.response?.response ?? {};
            // If n8n has to guess the format, it reads the body as a stream, and waits for its end without a timeout.
            if (!responseFormat) throw new NeverEnds(`${node.name}: ${failure.message}`);
            if (neverError && !failure.isLate) return { json: { data: '', ...failure.head } };
          }
          if (!node.onError) throw new NodeFailure(failure.message);
          // The fields of its input are beside the error.
          return { isError: true, json: { ...item.json, error: { message: failure.message } } };
        }
      }),
    );
    if (node.onError !== 'continueErrorOutput') return [answers];
    return [answers.filter(answer => !answer.isError), answers.filter(answer => answer.isError)];
  },

  'n8n-nodes-base.respondToWebhook 1.1': async function (node, items) {
    if (node.parameters.respondWith !== 'json') throw new Error(`${node.name}: not JSON`);
    const value = this.value(node, node.parameters.responseBody, items, 0);
    this.answer ??= { status: 200, body: JSON.parse(typeof value === 'string' ? value : JSON.stringify(value)) };
    return [items];
  },
};

function exchange({ method, url, headers, body, timeout, redirects }) {
  return new Promise((done, fail) => {
    const sent =
      body === undefined
        ? headers
        : { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = send(url, { method, headers: sent, agent: false }, response => {
      const chunks = [];
      const { statusCode, statusMessage } = response;
      const failBody = failure => fail(new BodyFailure(failure, { statusCode, statusMessage, headers: response.headers }));
      response.on('data', chunk => chunks.push(chunk));
      response.on('error', failure => {
        clearTimeout(timer);
        failBody(late ?? failure);
      });
      response.on('end', () => {
        clearTimeout(timer);
        const { location } = response.headers;
        if (statusCode >= 300 && statusCode < 400 && location && redirects > 0) {
          const next = { method: 'GET', url: new URL(location, url).href, headers, timeout, redirects: redirects - 1 };
          exchange(next).then(done, fail);
          return;
        }
        try {
          const bytes = Buffer.concat(chunks);
          const text = (/gzip/.test(response.headers['content-encoding'] ?? '') ? gunzipSync(bytes) : bytes).toString();
          done({ statusCode, statusMessage, headers: response.headers, text });
        } catch (failure) {
          failBody(failure);
        }
      });
    });
    let late = null;
    const timer = setTimeout(() => {
      late = new Late(`timeout of ${timeout}ms exceeded`);
      request.destroy(late);
    }, timeout);
    request.on('error', failure => {
      clearTimeout(timer);
      fail(failure);
    });
    request.end(body);
  });
}
