// The page's own loading: reads the browser's timing when it is complete, or when the
// page is left before.

import { core, give } from './core.js';
import { guarded } from './guard.js';
import { now, setTimeout } from './platform.js';

/** When a page that never finishes loading is taken to have loaded. */
const GIVE_UP_MS = 60_000;

/** Reports the page view once it has loaded. `changed` is called after that. */
export const hookDocumentLoad = (changed) => {
  const end = () =>
    guarded(() => {
      reportTiming();
      core.page_ended(now());
      changed();
    });
  // The load event's own end is known only in a task after it.
  const soon = () => setTimeout(end);
  if (document.readyState === 'complete') soon();
  else window.addEventListener('load', soon);
  setTimeout(end, GIVE_UP_MS);
};

/** Hands every number of the navigation and paint entries to the core, which knows
 * the ones it wants. */
export const reportTiming = () => {
  const [navigation] = performance.getEntriesByType('navigation');
  for (const name in navigation) mark(name, navigation[name]);
  for (const paint of performance.getEntriesByType('paint')) mark(paint.name, paint.startTime);
};

const mark = (name, ms) => {
  if (typeof ms !== 'number') return;
  give(name);
  core.page_mark(ms);
};
