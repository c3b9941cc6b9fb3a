// A call as a shell command that sends the same bytes.

import { visible } from './text.js';

/** Headers that curl writes itself, or that belong to the connection. */
const OWN = new Set(['accept-encoding', 'authorization', 'connection', 'content-length', 'expect', 'host', 'te', 'transfer-encoding']);

/** From these lengths on, a path, a query or the value of a header may have been cut by the journal. */
const CUT = 1021;

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Whether a terminal would act on a text, or a shell cannot pass it on. */
const isUnsafe = (text) => text.includes('\t') || visible(text) !== text;

/** Bytes as the format of `printf`, with everything but letters, digits and the like in octal. */
const printfFormat = (bytes) => Array.from(bytes, (byte, index) => {
  const char = String.fromCharCode(byte);
  return /[\w {}[\]":,.]|-/.test(char) && (index || char !== '-') ? char : `\\${byte.toString(8).padStart(3, '0')}`;
}).join('');

export const target = ({ path, query }) => path + (query == null ? '' : `?${query}`);

export const bytesOf = ({ body, body_base64: base64 }) =>
  (base64 ? Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)) : new TextEncoder().encode(body));

const word = (text) => (isUnsafe(text) ? `"$(printf ${quote(printfFormat(new TextEncoder().encode(text)))})"` : quote(text));

/** What is said above the command: what is missing in it. */
function notes({ headers, path, query, body, body_truncated: isCut, body_bytes: bytes }) {
  const names = (test) => Object.keys(headers).filter((name) => !OWN.has(name) && test(headers[name])).join(', ');
  const lost = names((value) => value === null);
  const cut = names((value) => value?.length >= CUT);
  return [
    lost && `without headers whose values are not kept: ${lost}`,
    cut && `these values may have been cut: ${cut}`,
    path.length >= CUT && 'the path may have been cut',
    query?.length >= CUT && 'the query may have been cut',
    isCut && `not the whole call: ${body ? 'only the beginning' : 'nothing'} of the ${bytes} bytes of its body is kept`,
    (body + query).includes('[redacted]') && 'not the whole call: its secrets read [redacted]',
  ].filter(Boolean).map((note) => `# ${note}\n`).join('');
}

export function curlCommand(entry, origin) {
  const { method, headers, body } = entry;
  const path = target(entry);
  const hasBody = body !== '' || headers['content-length'] === '0';
  const parts = ['curl -sS --globoff --path-as-is', method === 'HEAD' ? (hasBody ? '-X HEAD --max-time 5' : '--head') : `-X ${word(method)}`];
  parts.push(path.startsWith('/') ? word(origin + path) : `--request-target ${word(path)} ${quote(`${origin}/`)}`);
  const { host, authorization } = headers;
  if (host && host !== new URL(origin).host) parts.push(`-H ${word(`host: ${host}`)}`);
  for (const [name, value] of Object.entries(headers)) {
    // a colon would leave an empty one out
    if (!OWN.has(name) && value !== null) parts.push(`-H ${word(value === '' ? `${name};` : `${name}: ${value}`)}`);
  }
  if ('authorization' in headers) {
    const scheme = /^[\w-]+/.exec(authorization ?? '')?.[0] ?? 'Bearer';
    parts.push(`-H "authorization: ${scheme} $GENUIN_TOKEN"`);
  }
  // curl would add its own
  for (const name of ['user-agent', 'accept', hasBody && 'content-type']) if (name && !(name in headers)) parts.push(`-H '${name}:'`);
  if (hasBody && (entry.body_base64 || isUnsafe(body))) {
    parts[0] = `printf ${quote(printfFormat(bytesOf(entry)))} | ${parts[0]}`;
    parts.push('--data-binary @-');
  } else if (hasBody) {
    parts.push(`--data-raw ${quote(body)}`);
  }
  return notes(entry) + parts.join(' \\\n  ');
}
