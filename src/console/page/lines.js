// Lines and rules: what they do, in words, and the phase of a line's steps.

import { findOutcome } from './outcomes.js';
import { count } from './text.js';

/** What is before the phase of a step, the phase, and the star. */
const STEP = /^([^/*]*)(\/[^*]*)?(\*?\s*)$/;

/** The outcome in `2x500@30%+1s` or `hold(3)`. */
const outcomeOf = (text) => findOutcome(/^\s*(?:\d+\s*x)?([^@+(]*)/.exec(text)[1].trim());

/** The line with each failure that has no phase after the change; `null` if there is none, or it is no line: the rules
 * of a scenario have phases of their own. */
export function afterCommit(line) {
  let applies = false;
  const steps = line.replace(/^.*:/, '').split(',').map((step) => {
    const [, before, phase, star] = STEP.exec(step) ?? [];
    const outcome = before && outcomeOf(before);
    if (!outcome) return null;
    const isNew = !phase && outcome.name !== 'ok';
    applies ||= isNew || withoutAfterCommit(step) !== step;
    const end = before.trimEnd().length;
    return isNew ? `${before.slice(0, end)}/after-commit${before.slice(end)}${star}` : step;
  });
  return applies && !steps.includes(null) ? (/^.*:/.exec(line) ?? '') + steps.join(',') : null;
}

export const withoutAfterCommit = (line) => line.replace(/\s*\/\s*after-commit/g, '');

const written = (value) => (typeof value === 'object' ? Object.entries(value).flat().join(' ') : value);

/** What is set, as in `delay 2s`, named as in a scenario file. */
const said = (facts) => Object.entries(facts).filter(([, value]) => value ?? false).map(([key, value]) => `${key} ${written(value)}`);

/** What a step does, as in `2 calls: server-error (chance 30%, delay 2s)`. */
function stepText({ outcome, until_held: held, times, phase, chance, ...more }) {
  // without what the multiplication adds to the digits
  const percent = chance === null ? null : `${Number((chance * 100).toPrecision(12))}%`;
  const facts = said({ chance: percent, phase: phase === 'after-auth' ? null : phase, ...more }).join(', ');
  return `${times === null ? 'every call' : count(times, 'call')}: ${outcome}${held ? `(${held})` : ''}${facts && ` (${facts})`}`;
}

/** What a rule does, and to which calls; a line that is for all but logins names none. */
export function ruleText({ do: steps, then, endpoints, rate, limit, scope, match }) {
  const { endpoint, ...conditions } = match ?? {};
  const asked = Object.keys(conditions).length ? JSON.stringify(conditions) : null;
  return [
    steps.map(stepText).join(', then '),
    ...said({ then, for: match || endpoints.length === 1 ? endpoints.join(' or ') : null, rate, limit, match: asked, scope }),
  ].join('; ');
}
