// Why a call got what it got, in words.

/** Who chose the scenario of a call, in words. */
export const CHOOSERS = {
  header: 'a header of the call',
  url: 'the URL of the call',
  'magic-word': 'a word in the body',
  token: 'the token',
  override: 'the override of the tenant',
  'override-all': 'the override for all tenants',
  server: 'the server\'s --scenario',
};

/** The sentence of a finding, with its place. */
export function findingText({ pointer, message, suggestion }) {
  return [pointer, message].filter(Boolean).join(' ') + (suggestion ? `; ${suggestion}` : '');
}

export function why(entry) {
  const { selector, scenario, rule, phase, status, delivery, committed, findings } = entry;
  if (status === null && delivery === 'pending') return 'waits until it is released';
  const error = findings.find(({ severity }) => severity === 'error');
  const who = CHOOSERS[selector];
  if (who && rule) {
    const after = phase === 'after-commit' && committed ? ', after the change was made' : '';
    return `forced by ${who}: ${scenario}${after}`;
  }
  if (error) return findingText(error);
  if (who) return `${who} names ${scenario}, of which no rule acted`;
  return committed ? 'answered as the vendor would, and the change was made' : 'answered as the vendor would';
}
