// The random bits by which a whole visit is in the sample or out of it: they stay the same while
// a tab stays on the site.

const KEY = 'throughline visit';
const VALID = /^[\da-f]{14}$/;

let bits = '';

/** 14 hex digits. They are stored only once something may be. */
export const visit = () => {
  try {
    bits = sessionStorage[KEY];
  } catch {
    // Without storage a visit is one page.
  }
  if (!VALID.test(bits)) {
    bits = '';
    while (bits.length < 14) bits += Math.floor(Math.random() * 16).toString(16);
  }
  return bits;
};

/** They may be stored from now on, or are to be forgotten. */
export const keepVisit = (may) => {
  try {
    if (!may) delete sessionStorage[KEY];
    else if (bits) sessionStorage[KEY] = bits;
  } catch {
    // As above.
  }
};
