// The hook on XMLHttpRequest: its methods do first what they always do, and what they throw
// is thrown. Nothing is read but the status, and what is noted hangs on no object of the
// page.

import { guarded } from './guard.js';
import { URL, apply, wrapped } from './platform.js';
import { begin, settle } from './requests.js';

/** What the events at the end say of it, as error names. */
const ENDS = { load: '', error: 'NetworkError', abort: 'AbortError', timeout: 'TimeoutError' };

/** What is known of each object: its method and URL, headers that were set, its handle. */
const known = new WeakMap();

/** Puts the hook in place. */
export const hookXhr = () => {
  const type = window.XMLHttpRequest;
  if (!type) return;
  const { prototype } = type;
  const { addEventListener, setRequestHeader } = prototype;
  /** Has `act` run with the object's notes and the arguments, after the method itself, and
   * with the status that it had before. */
  const after = (name, act) => {
    prototype[name] = wrapped(prototype[name], (target, self, args) => {
      const status = guarded(() => known.get(self)?.handle && self.readyState > 3 && self.status);
      const result = apply(target, self, args);
      guarded(() => act(self, args, known.get(self), status));
      return result;
    });
  };
  after('open', (self, [method, url], before, status) => {
    // One that is opened again by a listener has its answer; otherwise it was called off,
    // without an event.
    if (before?.handle) {
      settle(before.handle, status, status ? '' : status === 0 ? 'NetworkError' : 'AbortError');
    }
    known.set(self, {
      method: String(method),
      url: new URL(url, document.baseURI),
      headers: [],
      hooked: before?.hooked,
    });
  });
  after('setRequestHeader', (self, pair, notes) => notes?.headers.push(pair.map(String)));
  const start = (self) => {
    const notes = known.get(self);
    if (!notes) return;
    const call = begin(notes.method, notes.url, notes.headers, true);
    if (!call) return;
    notes.handle = call.handle;
    for (const header of call.headers) apply(setRequestHeader, self, header);
    if (notes.hooked) return;
    notes.hooked = true;
    for (const end in ENDS) {
      apply(addEventListener, self, [
        end,
        // Not one of a request before, when an earlier listener has opened it again.
        (event) => event.isTrusted && self.readyState > 3 && finish(self, ENDS[end]),
      ]);
    }
  };
  const finish = (self, error) =>
    guarded(() => {
      const notes = known.get(self);
      if (!notes?.handle) return;
      settle(notes.handle, self.status, error);
      notes.handle = 0;
    });
  prototype.send = wrapped(prototype.send, (target, self, args) => {
    // Not a second time while it is under way: that is an error which is not ours.
    if (!known.get(self)?.handle) guarded(() => start(self));
    try {
      return apply(target, self, args);
    } catch (error) {
      // A synchronous one that fails throws and has no event.
      finish(self, guarded(() => String(error.name)));
      throw error;
    }
  });
};
