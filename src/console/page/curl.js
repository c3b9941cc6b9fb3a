// A call as a shell command that sends the same bytes.

/** Headers that curl makes itself. */
const OWN = new Set(['host', 'content-length', 'authorization', 'transfer-encoding', 'connection']);

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** What a terminal would act on, or a shell cannot pass on. */
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** Bytes as the format of `printf`, with everything but letters, digits and the like in octal. */
const printfFormat = (bytes) => Array.from(bytes, (byte, index) => {
  const char = String.fromCharCode(byte);
  return /[\w {}[\]":,.]|-/.test(char) && (index || char !== '-') ? char : `\\${byte.toString(8).padStart(3, '0')}`;
}).join('');

/** The body of a call as it is kept. */
export const bytesOf = ({ body, body_base64: base64 }) =>
  (base64 ? Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)) : new TextEncoder().encode(body));

/** A header's value can hold a tab and no other of these; as journals show bytes that are no text, they may. */
const headerText = (text) => text.replace(new RegExp(UNSAFE.source, 'g'), ' ');

export function curlCommand(entry, origin) {
  const { method, path, headers, body } = entry;
  const notes = [];
  const parts = ['curl -sS --globoff --path-as-is'];
  if (method === 'HEAD') parts.push('--head');
  else parts.push(`-X ${quote(method)}`);
  parts.push(quote(origin + headerText(path)));
  for (const [name, value] of Object.entries(headers)) {
    if (OWN.has(name)) continue;
    if (value === null) notes.push(`# the journal does not keep the value of the header ${name}`);
    else parts.push(`-H ${quote(value === '' ? `${name};` : `${name}: ${headerText(value)}`)}`);
  }
  const { authorization } = headers;
  if (authorization) {
    const scheme = authorization.split(' ')[0].replace(/[^\w-]/g, '');
    parts.push(`-H "Authorization: ${scheme} $GENUIN_TOKEN"`);
  }
  // curl adds these by itself
  for (const name of ['user-agent', 'accept']) if (!(name in headers)) parts.push(`-H ${quote(`${name}:`)}`);
  const hasBody = body !== '' || headers['content-length'] === '0';
  if (hasBody && !('content-type' in headers)) parts.push(`-H ${quote('content-type:')}`);
  if (hasBody && (entry.body_base64 || UNSAFE.test(body))) {
    parts[0] = `printf ${quote(printfFormat(bytesOf(entry)))} | ${parts[0]}`;
    parts.push('--data-binary @-');
  } else if (hasBody) {
    parts.push(`--data-raw ${quote(body)}`);
  }
  if (entry.body_truncated) notes.push(`# the journal keeps only ${body.length ? 'the beginning' : 'nothing'} of this body of ${entry.body_bytes} bytes`);
  if (body.includes('[redacted]')) notes.push('# the journal does not keep secrets: put them in the place of [redacted]');
  return [...notes, parts.join(' \\\n  ')].join('\n');
}
