// Writes a scenario file that gives what a call got.

import { findOutcome, isFault, loadOutcomes } from './outcomes.js';

export async function scenarioOf(entry) {
  await loadOutcomes();
  const known = findOutcome(entry.outcome);
  const outcome = known?.name ?? 'bad-request';
  const kind = known && isFault(known) ? 'fault' : 'outcome';
  const phase = entry.rule && entry.phase && entry.phase !== 'after-auth' ? [`    phase: ${entry.phase}`] : [];
  const delay = entry.delay_ms ? `, delay: ${entry.delay_ms}ms` : '';
  const lines = [
    'version: 1',
    `name: from-${entry.tenant}-${entry.seq}`,
    `description: What ${entry.id} got.`,
    'rules:',
    '  - id: same',
    `    match: { endpoint: ${entry.endpoint ?? 'any'} }`,
    ...phase,
    `    do: { ${kind}: ${outcome}, times: 1${delay} }`,
    ...(known ? [] : [`    # ${entry.outcome} cannot be forced, and bad-request is the nearest`]),
    ...(entry.endpoint ? ['examples:', `  - endpoint: ${entry.endpoint}`, '    send: {}', `    expect: [${outcome}]`] : []),
    '',
  ];
  return lines.join('\n');
}
