// The walker's expressions, field types and conditions, evaluated by n8n's own library, if it is installed
// (`npm install n8n-workflow`): so the walker can be compared with n8n's results for the same parameters.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export async function engineAt(folder) {
  const path = resolve(folder);
  const n8n = createRequire(join(path, 'package.json'))(path);
  const { version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

  // By default, n8n 2 runs expressions in an isolate: a native module that may not fit this Node.js.
  const kind = process.env.N8N_EXPRESSION_ENGINE ?? (version.startsWith('1.') ? 'legacy' : 'vm');
  const isolated = kind !== 'legacy';
  if (isolated) {
    await n8n.Expression.initExpressionEngine({
      engine: kind,
      bridgeTimeout: 5000,
      bridgeMemoryLimit: 128,
      poolSize: 1,
      maxCodeCacheSize: 1024,
    });
  }

  const known = new WeakMap();
  const nodeTypes = { getByName() {}, getByNameAndVersion() {}, getKnownTypes: () => ({}) };
  function workflowOf(definition) {
    const { id, name, nodes, connections, settings } = definition;
    if (!known.has(definition)) {
      known.set(
        definition,
        new n8n.Workflow({ id, name, nodes: structuredClone(nodes), connections, active: true, nodeTypes, settings }),
      );
    }
    return known.get(definition);
  }

  /** A parameter's value for one item, as a node would get it. */
  function value(definition, outputs, node, parameter, items, index) {
    const workflow = workflowOf(definition);
    const source = [...outputs.keys()].at(-1);
    const runData = Object.fromEntries(
      [...outputs].map(([name, main]) => [
        name,
        [
          {
            startTime: 0,
            executionTime: 0,
            executionIndex: 0,
            source: [],
            data: { main },
          },
        ],
      ]),
    );
    const executeData = {
      data: { main: [items] },
      node: workflow.getNode(node.name),
      source: { main: [{ previousNode: source }] },
    };
    return workflow.expression.getParameterValue(
      parameter,
      { resultData: { runData } },
      0,
      index,
      node.name,
      items,
      'webhook',
      {},
      executeData,
    );
  }

  return {
    version,
    value,
    name: n8n.Expression.getActiveImplementation?.() ?? 'legacy',
    async prepare(definition) {
      if (isolated) await workflowOf(definition).expression.acquireIsolate();
    },
    async dispose() {
      if (isolated) await n8n.Expression.disposeExpressionEngine();
    },
    /** A field of Edit Fields, once its value is known. */
    field(name, found, type) {
      const text = type === 'string' ? (typeof found === 'object' ? JSON.stringify(found) : String(found)) : found;
      const result = n8n.validateFieldType(name, text, type);
      if (!result.valid) return { error: result.errorMessage };
      return { value: result.newValue === undefined ? null : result.newValue };
    },
    condition: (conditions, left) =>
      n8n.executeFilter({
        ...conditions,
        conditions: conditions.conditions.map((one, index) => ({ ...one, leftValue: left[index] })),
      }),
  };
}
