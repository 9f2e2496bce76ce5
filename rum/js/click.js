// The hook on clicks. It says that one happened, on what, and when its handlers have
// run. Text is taken from things that are there to be pressed, and from nothing else.

import { core, give } from './core.js';
import { guarded } from './guard.js';
import { now, setTimeout } from './platform.js';

const PRESSABLE =
  'button,a[href],summary,[role=button],[role=link],[role=menuitem],[role=tab],[role=option],input:is([type=submit],[type=button],[type=image],[type=reset])';

/** Attribute by which a site names what a click does; it wins over the text. */
const NAME = 'data-throughline-name';

/** Longest text that is handed over; the core cuts it further. */
const MAX_TEXT = 200;

/** Puts the hook in place. `changed` is called after each report to the core. */
export const hookClicks = (changed) => {
  // On the window and capturing: before any handler of the page.
  window.addEventListener(
    'click',
    (event) =>
      guarded(() => {
        if (!event.isTrusted) return;
        const target = event.composedPath()[0];
        if (!target?.closest) return;
        const pressed = target.closest(`[${NAME}],${PRESSABLE}`);
        give(
          (pressed || target).localName,
          pressed ? label(pressed).slice(0, MAX_TEXT) : '',
        );
        core.click_started(event.timeStamp, now());
        // A task of its own: after the handlers, and after what they awaited that
        // was there already.
        setTimeout(() =>
          guarded(() => {
            core.click_handled(now());
            changed();
          }),
        );
      }),
    true,
  );
};

const label = (element) =>
  element.getAttribute(NAME) ||
  element.getAttribute('aria-label') ||
  // The text of an input is its value, even of one that is a button.
  (element.localName === 'input' ? '' : element.textContent.trim()) ||
  element.title ||
  element.querySelector('img[alt]')?.alt ||
  element.localName;
