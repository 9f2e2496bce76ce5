// The page comes first: whatever goes wrong in here stays in here.

import { now } from './platform.js';

/** How much of what happens before the core is there is kept. */
const MAX_LATE = 500;

/** Whether hooks still do anything. After a trap the core's memory is not to be
 * trusted, and everything is a pass-through. `mute` is on while it is not known whether
 * anything may leave the page: neither spans nor headers do then. `late` has what happens while
 * the core is on its way, each with its time; it is there as long as that is so. */
export const state = { on: false, mute: false, reason: 'not started' };

/** Switches everything on. */
export const go = () => {
  state.on = true;
  state.reason = '';
};

/** Switches everything off for good. */
export const stop = (reason) => {
  state.on = false;
  state.reason = reason;
  state.late = 0;
};

/** Runs `act` unless switched off, and swallows what it throws. */
export const guarded = (act) => {
  try {
    if (state.on) return act();
    if (state.late?.length < MAX_LATE) state.late.push([now(), act]);
  } catch (error) {
    if (error?.name === 'RuntimeError') stop('stopped after a fault');
  }
};
