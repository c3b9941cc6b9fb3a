// Writes a scenario file that gives what a call got.

import { get } from './api.js';

/** The name and text of the file. */
export async function scenarioOf(entry) {
  const { outcomes } = await get('outcomes');
  const name = `from-${entry.tenant}-${entry.seq}`;
  const known = outcomes.find((outcome) => outcome.name === entry.outcome);
  const outcome = known?.name ?? 'bad-request';
  const kind = known?.status === null ? 'fault' : 'outcome';
  const phase = entry.rule && entry.phase && entry.phase !== 'after-auth' ? [`    phase: ${entry.phase}`] : [];
  const delay = entry.delay_ms ? `, delay: ${entry.delay_ms}ms` : '';
  const lines = [
    'version: 1',
    `name: ${name}`,
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
  return { name, text: lines.join('\n') };
}
