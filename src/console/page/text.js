// Texts for people: times, durations, and text from outside that shows what it holds.

// what draws nothing, moves the cursor or turns the direction of writing
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

const shown = (char) => {
  const code = char.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** Text with every hidden character made visible; lines stay lines. */
export const visible = (text) => String(text ?? '').replace(HIDDEN, shown);

/** The same on one line, of at most `max` characters. */
export function oneLine(text, max = 300) {
  const whole = String(text ?? '');
  const cut = whole.length > max ? `${whole.slice(0, max)}…` : whole;
  return visible(cut.replace(/[\t\n]/g, shown));
}

export const timeOfDay = (ms) => new Date(ms).toTimeString().slice(0, 8);

export function countdown(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const two = (number) => String(Math.floor(number) % 60).padStart(2, '0');
  const minutes = left < 3600 ? Math.floor(left / 60) : `${Math.floor(left / 3600)}:${two(left / 60)}`;
  return `${minutes}:${two(left)}`;
}

export function ago(seconds) {
  if (seconds < 1) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}

export const milliseconds = (ms) => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`);

export const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** JSON text with line breaks and indents between its tokens, which stay as they were sent; `null` if it is
 * no JSON. */
export function pretty(json) {
  try {
    JSON.parse(json);
  } catch {
    return null;
  }
  let depth = 0;
  const newLine = (by) => {
    depth += by;
    return `\n${'  '.repeat(depth)}`;
  };
  return json.replace(/"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[{}[\],:]|\s+/g, (token) => {
    if (token === '{' || token === '[') return token + newLine(1);
    if (token === '}' || token === ']') return newLine(-1) + token;
    if (token === ',') return token + newLine(0);
    if (token === ':') return ': ';
    return token[0] === '"' ? token : token.replace(/\s+/, '');
  });
}
