// The core without WebAssembly: a file of its own, which is loaded where that is forbidden or
// not there. The build gives it the same core, written as JavaScript.

import { call as inner, memory, output, reserve } from 'core';

/** When what is done late has happened. */
let past = 0;

/** The core as the hooks know it. What it throws is a fault, as WebAssembly would name it. */
const core = {
  memory,
  output,
  reserve,
  call(what, a, b, time, length) {
    try {
      return inner(what, a, b, past || time, length);
    } catch (error) {
      throw Object.assign(error, { name: 'RuntimeError' });
    }
  },
};

/** Starts the hooks with this core, and then does what has waited for it, as of when that was. */
export const run = (start, begin, state, guarded) => {
  const { late } = state;
  const requests = performance
    .getEntriesByType('resource')
    .filter(({ initiatorType }) => /^(fetch|xmlhttprequest)$/.test(initiatorType)).length;
  state.late = 0;
  start(core);
  begin();
  for (const [at, act] of late) {
    past = at;
    guarded(act);
  }
  past = 0;
  if (state.on) {
    state.reason = `started late, without WebAssembly; ${requests} requests before that have no span`;
  }
};
