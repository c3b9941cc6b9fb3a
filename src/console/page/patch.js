// Applies the JSON patches of findings (RFC 6902: add, replace, remove, move).

/** The body with every patch of its findings, as JSON text with line breaks. */
export function applyPatches(body, findings) {
  let document = JSON.parse(body);
  for (const { patch } of findings) for (const step of patch ?? []) document = apply(document, step);
  return JSON.stringify(document, null, 2);
}

const keys = (pointer) => pointer.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

function apply(document, { op, path, from, value }) {
  if (op === 'move') {
    const moved = at(document, keys(from));
    return apply(apply(document, { op: 'remove', path: from }), { op: 'add', path, value: moved });
  }
  const way = keys(path);
  if (!way.length) return value;
  const last = way.pop();
  const place = at(document, way);
  if (Array.isArray(place)) {
    const index = last === '-' ? place.length : Number(last);
    if (op === 'add') place.splice(index, 0, value);
    else if (op === 'remove') place.splice(index, 1);
    else place[index] = value;
  } else if (op === 'remove') {
    delete place[last];
  } else {
    // a key like __proto__ is a key like any other
    Object.defineProperty(place, last, { value, enumerable: true, configurable: true, writable: true });
  }
  return document;
}

function at(document, way) {
  return way.reduce((place, key) => {
    if (place === null || typeof place !== 'object' || !Object.hasOwn(place, key)) throw new Error(`no ${key}`);
    return place[key];
  }, document);
}
