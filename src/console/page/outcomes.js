// The outcomes that can be forced, asked for once.

import { get } from './api.js';

export let outcomes = [];

let asked = null;

/** Reads the list, unless it is there or on its way. */
export function loadOutcomes() {
  asked ??= get('outcomes').then((answer) => {
    ({ outcomes } = answer);
  }).catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

export const findOutcome = (text) => outcomes.find(({ name, aliases }) => name === text || aliases.includes(text));

/** Whether there is no whole answer; a held call has no status either, but gets one. */
export const isFault = ({ status, name }) => status === null && name !== 'hold';
