// Starts the program under test, and calls it as its clients would.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const GOOD = { type: 4, community_id: 'f2a05adb-93ce-4a19-b003-3523fa745667' };
export const CREATE = '/api/thirdparty/group/create';

/** A running program; `options` are its command line. It ends with the test. */
export async function start(test, ...options) {
  const sandbox = new Sandbox(options);
  test.after(() => sandbox.stop());
  await sandbox.run('127.0.0.1:0');
  return sandbox;
}

class Sandbox {
  constructor(options) {
    this.options = options;
    // without the scenarios of this repository's folder
    this.folder = mkdtempSync(path.join(tmpdir(), 'console-'));
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  }

  async run(address) {
    this.child = spawn(process.env.SANDBOX_BINARY, ['--listen', address, '--log', 'error', ...this.options], {
      cwd: this.folder, stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.child.stdout });
    const [line] = await Promise.race([once(lines, 'line'), once(this.child, 'exit').then(() => { throw new Error('it did not start'); })]);
    this.url = /http:\/\/\S+/.exec(line)[0];
    this.host = new URL(this.url).host;
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  /** Starts it again at the same address. */
  restart() {
    return this.run(this.host);
  }

  /** Sends a request; gives status and body. */
  send(method, target, { headers = {}, body = '' } = {}) {
    return new Promise((resolve, reject) => {
      const [hostname, port] = this.host.split(':');
      const request = http.request({ hostname, port, method, path: target, headers, agent: this.agent }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts).toString() }));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Calls Create Group; `body` is JSON or text. */
  create(body = GOOD, token = 'gnsb_demo', headers = {}) {
    const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return this.send('POST', CREATE, { body: text, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers } });
  }

  /** Uses the own API; gives the JSON of the answer. */
  async own(method, target, value, headers = {}) {
    const body = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    const kind = typeof value === 'string' ? 'application/yaml' : 'application/json';
    const answer = await this.send(method, `/_sandbox/v1/${target}`, { body, headers: { 'content-type': kind, ...headers } });
    if (answer.status >= 300) throw new Error(`${method} ${target}: ${answer.status} ${answer.body}`);
    return answer.body ? JSON.parse(answer.body) : null;
  }

  last(tenant = 'demo') {
    return this.own('GET', `tenants/${tenant}/requests/last`);
  }

  /** Makes many calls, some at a time. */
  async many(count, call) {
    let next = 0;
    const worker = async () => {
      while (next < count) {
        next += 1;
        await call(next);
      }
    };
    await Promise.all(Array.from({ length: 24 }, worker));
  }
}
