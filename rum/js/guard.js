// The page comes first: whatever goes wrong in here stays in here.

/** Whether hooks still do anything. After a trap the core's memory is not to be
 * trusted, and everything is a pass-through. `mute` is on while it is not known whether
 * anything may leave the page: neither spans nor headers do then. */
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
};

/** Runs `act` unless switched off, and swallows what it throws. */
export const guarded = (act) => {
  try {
    return state.on ? act() : undefined;
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) stop('stopped after a fault');
  }
};
