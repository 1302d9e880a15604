// A stand-in for Dolibarr's API for orders: it answers as Dolibarr 17, 20 and 22 were seen to, well or in trouble.
import { createServer } from 'node:http';

export const apiKey = 'key-of-a-test-user';
/** What Dolibarr's error pages may show, but no answer of a workflow may pass on. */
export const login = 'apiuser';

const page = text => ({ type: 'text/html', body: `<!DOCTYPE html><html><body>${text}</body></html>` });
const error = (status, message, words) => ({
  status,
  type: 'application/json',
  body: JSON.stringify({ error: { code: status, message, ...words } }),
});
const sql = "INSERT INTO llx_commande (ref, fk_soc) VALUES ('(PROV)', 7)";
/** What a Dolibarr outside production mode puts before its JSON. */
const diagnosis =
  `<br>Dolibarr has detected a technical error.<br>Login: ${login}<br>Requested Url: /api/index.php/orders<br>` +
  `Request of last access in error: ${sql}<br>`;
const failed = words => ({ ...error(500, 'Internal Server Error: Error creating order', { 0: words }) });
const failedWithPage = words => {
  const answer = failed(words);
  return { ...answer, body: diagnosis + answer.body };
};

/**
 * What can be wrong with a Dolibarr, by name: its answers to a look-up, and to an order.
 *
 * `make` is set if the order is created anyway, `isCut` if the connection ends within the answer's body, and `stalls` if
 * the rest of it never comes.
 */
const always = answer => ({ get: answer, post: answer });
export const troubles = {
  'maintenance mode (17, 20)': always({ status: 200, ...page('Application is in maintenance mode') }),
  'module API REST off': always({ status: 200, ...page('Module API must be enabled') }),
  'files newer than the database': always({ status: 302, location: '/install/index.php', ...page('Moved') }),
  'table of orders unreadable (17)': {
    get: { status: 200, type: 'application/json', body: JSON.stringify({ id: null, ref: null, ref_ext: null }) },
    post: failedWithPage("Table 'dolibarr.llx_commande' doesn't exist"),
  },
  'table of orders unreadable, and it echoes what was asked': {
    get: request => ({
      status: 200,
      type: 'application/json',
      body: JSON.stringify({ id: null, ref_ext: request.ref }),
    }),
    post: failed("Table 'dolibarr.llx_commande' doesn't exist"),
  },
  'database away (17)': always({ status: 500, ...page(`${diagnosis}Access denied for user 'dolibarr'@'localhost'`) }),
  'database away (20, 22)': always({ status: 202, ...page(`${diagnosis}Error 2002: Connection refused`) }),
  'database away in the JSON': always(failed("Access denied for user 'dolibarr'@'localhost' (using password: YES)")),
  'wrong key': always(error(401, 'Unauthorized: Access not allowed')),
  'rights missing (17)': always(error(401, `Unauthorized: Access not allowed for login ${login}`)),
  'rights missing (20, 22)': always(error(403, `Forbidden: Access not allowed for login ${login}`)),
  'user disabled (17)': always(error(503, 'Service Unavailable: Error user disabled')),
  'user disabled (20, 22)': always(error(401, 'Unauthorized')),
  'address refused': always({ status: 503, ...page('Access refused from this address') }),
  'a web server without Dolibarr': always({ status: 404, ...page('Not Found') }),
  'a 404 of another API': always({ status: 404, type: 'application/json', body: '{"message":"no route"}' }),
  'a look-up is answered by a web server': { get: { status: 404, ...page('Not Found') } },
  'a look-up is answered by another API': {
    get: { status: 404, type: 'application/json', body: '{"error":"no route"}' },
  },
  'a proxy without an upstream': always({ status: 502, ...page('Bad Gateway') }),
  'another order is found': {
    get: { status: 200, type: 'application/json', body: '{"id":"1","ref_ext":"some-other"}' },
    post: error(503, 'Service Unavailable'),
  },
  'nothing in the answer': always({ status: 200, type: 'application/json', body: '' }),
  'gzip that is none': always({ status: 200, coding: 'gzip', ...page('maintenance') }),
  'connection closed': always({ hangUp: true }),
  'an answer is cut off': always({ status: 200, type: 'application/json', body: '{"id":"1","ref_', isCut: true }),
  'a refusal is cut off': { post: { ...failed('Data too long'), isCut: true } },
  deadlock: { post: failedWithPage('Deadlock found when trying to get lock; try restarting transaction') },
  'lock wait': { post: failed('Lock wait timeout exceeded; try restarting transaction') },
  'database gone away': { post: failed('MySQL server has gone away') },
  'a foreign key in a deadlock': { post: failed('Deadlock found: a foreign key constraint waits') },
  'a table that is damaged': { post: failed("Incorrect key file for table '/tmp/#sql_1.MAI'; try to repair it") },
  'an order is answered with a page': { post: { status: 200, ...page('maintenance') } },
  'an order is answered with 202': { post: { status: 202, ...page(diagnosis) } },
  'an order is answered with 202 and a number': { post: { status: 202, type: 'application/json', body: '17' } },
  'an order is answered with words': { post: { status: 200, type: 'application/json', body: '"17 orders"' } },
  'made, and the connection is lost': { post: { make: true, hangUp: true } },
  'made, and the answer is cut off': { post: { make: true, isCut: true } },
  'made, and a warning stands before the number': { post: { make: true, warning: true } },
  'made, and the answer is a 504': { post: { make: true, status: 504, ...page('Gateway Time-out') } },
};

/** What Dolibarr refuses permanently, by its message. */
export const refusals = {
  'foreign key': failed(
    'Cannot add or update a child row: a foreign key constraint fails (`dolibarr`.`llx_commandedet`, ' +
      'CONSTRAINT `fk_commandedet_product` FOREIGN KEY (`fk_product`) REFERENCES `llx_product` (`rowid`))',
  ),
  'Data too long': failedWithPage("Data too long for column 'note_private' at row 1"),
  'Incorrect string value': failed(
    "Incorrect string value: '\\xF0\\x9F' for column `dolibarr`.`llx_commande`.`ref_client` at row 1",
  ),
  'Incorrect datetime value': failed(
    "Incorrect datetime value: 'soon' for column `dolibarr`.`llx_commande`.`date_commande` at row 1",
  ),
  'Out of range': failedWithPage("Out of range value for column 'subprice' at row 1"),
  'Failed to fetch company': error(500, 'Internal Server Error: Failed to fetch company'),
  ErrorRefAlreadyExists: failed('ErrorRefAlreadyExists'),
  'socid field missing': error(400, 'Bad Request: socid field missing'),
};

const fold = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/ +$/, '');
const isMoney = value => /^-?\d+(\.\d+)?$/.test(String(value));

export class Dolibarr {
  orders = [];
  /** Every request, `GET` or `POST`. */
  requests = [];
  /** What is currently wrong; by default nothing. */
  trouble = null;
  /** The first request that it affects, counted from now, and how many. */
  #after = 0;
  #for = Infinity;
  delay = 0;
  version = 20;
  /** Whether its database has a unique index over `ref_ext`. */
  isUnique = false;
  /** How many orders it has created in total, across resets. */
  made = 0;

  static async start(port = 0) {
    const dolibarr = new Dolibarr();
    dolibarr.server = createServer((request, response) => dolibarr.#take(request, response));
    await new Promise((done, fail) => dolibarr.server.on('error', fail).listen(port, '127.0.0.1', done));
    dolibarr.address = `http://127.0.0.1:${dolibarr.server.address().port}/api/index.php`;
    return dolibarr;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }

  /** Well, and empty. */
  reset(version = 20) {
    Object.assign(this, { orders: [], requests: [], trouble: null, delay: 0, version, isUnique: false });
    this.#after = 0;
    this.#for = Infinity;
  }

  goWrong(name, { after = 0, times = Infinity } = {}) {
    this.trouble = troubles[name] ?? { post: refusals[name] };
    if (!troubles[name] && !refusals[name]) throw new Error(`no such trouble: ${name}`);
    this.#after = after;
    this.#for = times;
  }

  mend() {
    this.trouble = null;
  }

  #take(request, response) {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      this.requests.push(request.method);
      setTimeout(
        () => this.#send(this.#answer(request, Buffer.concat(chunks).toString()), request, response),
        this.delay,
      );
    });
  }

  #answer(request, body) {
    const ref = request.url.replace(/^.*\/orders\/ref_ext\//, '');
    if (this.trouble && this.#after-- <= 0 && this.#for-- > 0) {
      const answer = request.method === 'GET' ? this.trouble.get : this.trouble.post;
      if (typeof answer === 'function') return answer({ ref: decodeURIComponent(ref) });
      if (answer?.make) {
        const made = this.#create(body);
        return answer.warning
          ? { ...made, body: `<br />\n<b>Warning</b>: Undefined property<br />\n${made.body}` }
          : { ...made, ...answer };
      }
      if (answer) return answer;
    }
    if (request.url.startsWith('/install/')) return { status: 200, ...page('Welcome to the installer') };
    if (!request.url.startsWith('/api/index.php/orders')) return { status: 404, ...page('Not Found') };
    if (request.headers.dolapikey !== apiKey) return error(401, 'Unauthorized: Access not allowed');
    if (request.method === 'POST') return this.#create(body);
    return this.#find(ref);
  }

  #find(ref) {
    if (ref.includes('/') || /%2f/i.test(ref)) return { status: 404, ...page('Not Found') };
    const refused = /[:;"'<>?(){}$%]/;
    let text;
    try {
      text = decodeURIComponent(ref);
    } catch {
      return { status: 400, ...page('Bad Request') };
    }
    if (text === '' || text === '0' || text.includes('..'))
      return { status: 200, type: 'application/json', body: '[]' };
    if (refused.test(text))
      return this.version === 17
        ? { status: 200, ...page('Access refused') }
        : { status: 403, ...page('Access refused') };
    text = text.replace(/\.(json|xml)$/, '');
    const found = this.orders.find(order => fold(order.ref_ext) === fold(text));
    if (!found) return error(404, 'Not Found: Order not found');
    return {
      status: 200,
      type: 'application/json',
      body: JSON.stringify({ id: String(found.id), ref: found.ref, ref_ext: found.ref_ext }),
    };
  }

  #create(body) {
    let order;
    try {
      order = JSON.parse(body);
    } catch {
      return error(400, 'Bad Request: invalid JSON');
    }
    for (const name of ['socid', 'date']) {
      if (!(name in order)) return error(400, `Bad Request: ${name} field missing`);
    }
    const told = this.version === 20 ? failedWithPage : failed;
    if (order.lines === null) return { status: 500, type: 'application/json', body: '' };
    if (Number(order.socid) === 404) {
      return told(
        'Cannot add or update a child row: a foreign key constraint fails (`dolibarr`.`llx_commande`, CONSTRAINT ' +
          '`fk_commande_fk_soc` FOREIGN KEY (`fk_soc`) REFERENCES `llx_societe` (`rowid`))',
      );
    }
    if (Number(order.socid) === 405) return error(500, 'Internal Server Error: Failed to fetch company', { 0: '' });
    const texts = [
      order.ref_ext,
      order.ref_client,
      order.note_private,
      ...(order.lines ?? []).map(line => line?.desc),
    ].map(text => String(text ?? ''));
    if (texts.some(text => /[\u{10000}-\u{10ffff}]/u.test(text))) {
      return told(
        "Incorrect string value: '\\xF0\\x9F\\x98\\x80' for column `dolibarr`.`llx_commande`.`note_private` at row 1",
      );
    }
    if (Buffer.byteLength(String(order.note_private ?? '')) > 65_535)
      return told("Data too long for column 'note_private' at row 1");
    if ([order.ref_ext, order.ref_client].some(text => [...String(text ?? '')].length > 255))
      return told("Data too long for column 'ref_client' at row 1");
    if (!(order.date > 0))
      return told("Incorrect datetime value: '' for column `dolibarr`.`llx_commande`.`date_commande` at row 1");
    if ((order.lines ?? []).some(line => Number(line?.subprice) > 1e20))
      return told("Out of range value for column 'subprice' at row 1");
    const hasWrong = (order.lines ?? []).some(
      line => !isMoney(line?.subprice) || !isMoney(line?.tva_tx) || !isMoney(line?.product_type),
    );
    if (hasWrong && this.version !== 22) return failed('Error adding a line');
    const total = hasWrong
      ? 0
      : (order.lines ?? []).reduce((sum, line) => sum + Number(line?.subprice) * Number(line?.qty), 0);
    if (this.isUnique && this.orders.some(({ ref_ext }) => ref_ext === order.ref_ext)) {
      return told(`Duplicate entry '${order.ref_ext}-1' for key 'uk_commande_ref_ext'`);
    }
    const id = this.orders.length + 1;
    this.made += 1;
    this.orders.push({ ...order, id, ref: `(PROV${id})`, total });
    return { status: 200, type: 'application/json', body: String(id) };
  }

  #send(answer, request, response) {
    if (answer.hangUp) return response.socket?.destroy();
    // 17 and 20 say so about their error pages if gzip would be accepted, but send them as they are.
    const coding =
      answer.coding ??
      (answer.status !== 200 && this.version < 22 && /gzip/.test(request.headers['accept-encoding'] ?? '')
        ? 'gzip'
        : null);
    response.writeHead(answer.status ?? 200, {
      'Content-Type': answer.type,
      ...(coding ? { 'Content-Encoding': coding } : {}),
      ...(answer.location ? { Location: answer.location } : {}),
    });
    if (answer.isCut || answer.stalls) {
      // In chunks, so that nothing announces the length.
      response.write(answer.body, () => answer.isCut && response.socket?.destroy());
      return;
    }
    response.end(answer.body);
  }
}
