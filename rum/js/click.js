// The hook on clicks. It says that one happened, on what, and when its handlers have
// run. Text is taken from things that are there to be pressed, and from nothing else.

import { CLICK, IDLE, OPEN, SETTLE, call } from './core.js';
import { guarded } from './guard.js';
import { now, setTimeout } from './platform.js';
import { changed } from './transport.js';

const PRESSABLE =
  'button,a[href],summary,[role=button],[role=link],[role=menuitem],[role=tab],[role=option],input:is([type=submit],[type=button],[type=image],[type=reset])';

/** Attribute by which a site names what a click does; it wins over the text. */
const NAME = 'data-throughline-name';

/** Longest label. */
const MAX_LABEL = 64;

/** Puts the hook in place. */
export const hookClicks = () => {
  // On the window and capturing: before any handler of the page.
  addEventListener(
    'click',
    (event) =>
      guarded(() => {
        if (!event.isTrusted) return;
        const target = event.composedPath()[0];
        if (!target?.closest) return;
        const pressed = target.closest(`[${NAME}],${PRESSABLE}`);
        const label = pressed ? tidy(labelOf(pressed)) : '';
        const name = `click ${label || (pressed || target).localName}`;
        const at = Math.min(event.timeStamp, now());
        const handle = call(
          OPEN,
          at,
          [name, '', '', 'browser.interaction.type', 'click'],
          label ? CLICK : IDLE,
        );
        // A task of its own: after the handlers, and after what they awaited that was
        // there already.
        setTimeout(() =>
          guarded(() => {
            call(SETTLE, now(), [], handle);
            changed();
          }),
        );
      }),
    true,
  );
};

const labelOf = (element) =>
  element.getAttribute(NAME) ||
  element.getAttribute('aria-label') ||
  // The text of an input is its value, even of one that is a button.
  (element.localName === 'input' ? '' : element.textContent.trim()) ||
  element.title ||
  element.querySelector('img[alt]')?.alt ||
  element.localName;

/** On one line, without the spaces of the page's source, and not too long. */
const tidy = (label) => {
  const text = label.slice(0, 999).replace(/\s+/g, ' ').trim();
  return text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL).trim()}…` : text;
};
