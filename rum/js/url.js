// What may be said about an address: which parts of it are known, and what a name made of it
// looks like.

/** Query keys that carry secrets, alone or as a part: those that the semantic conventions redact,
 * and the usual names of tokens and passwords. */
const SECRET =
  /^(sig|key|pwd|jwt|code|state)$|token|secret|passw|signature|credential|auth|session|apikey|accesskey/i;

/** A path segment that names a thing rather than a kind of thing: a number, a UUID or hash, a
 * long text with digits in it, or an e-mail address. */
const IDENTIFIER = /^\d+$|^(?=.*\d)[\da-f-]{8,}$|^(?=(\D*\d){3}).{20}|@|%40/i;

let keep;

/** Names the query keys that keep their values; without that all do that look like no secret. */
export const keepQuery = (keys) => {
  keep = keys;
};

const isSecret = (key) =>
  keep ? !keep.includes(key) : SECRET.test(unescape(key).replace(/[^a-z\d]/gi, ''));

/** The parts of an address that may be known: no credentials, no fragment, no secret values. */
export const textOf = ({ origin, pathname, search }) =>
  origin +
  pathname +
  // To look for pairs where there are none takes longest.
  (search.includes('=')
    ? search.replace(/([^?&=]*)=[^&]*/g, (pair, key) => (isSecret(key) ? `${key}=REDACTED` : pair))
    : search);

/** A path with `{id}` for every segment that is an identifier, so that names stay few. */
export const template = (path) =>
  path.replace(/[^/]+/g, (part) => (IDENTIFIER.test(part) ? '{id}' : part));

/** A text without the queries, fragments and credentials of the addresses in it; the line and
 * column behind an address stay. */
export const withoutQueries = (text) =>
  text
    .replace(/([\w/])[?#][^\s"'<>)]+?(?=(:\d+)*([\s"'<>),]|$))/g, '$1')
    .replace(/\/\/[^\s/@]+@/g, '//');
