// The server's span that the page view continues, as the server has told it: in a
// `Server-Timing` header (`trace` or `traceparent`), or in a meta element that stands before
// the script.

/** How old a page may be whose server has said when it was made. */
const MAX_AGE_MS = 120_000;

/** The `traceparent` of the server's span; in the second place if it is an old one: HTML that comes
 * out of a cache names the trace of whoever came first. */
export const serverSpan = () => {
  const navigation = performance.getEntriesByType('navigation')[0];
  const meta = document.querySelector('meta[name=traceparent i]');
  const timing = navigation?.serverTiming?.find(({ name }) => /^trace(parent)?$/i.test(name));
  const made = meta?.dataset.ts;
  const text = timing?.description || meta?.content;
  const stale =
    navigation?.deliveryType === 'cache' ||
    navigation?.type === 'back_forward' ||
    // Seconds or milliseconds since 1970.
    (made && Math.abs(Date.now() - made * (made < 1e11 ? 1e3 : 1)) > MAX_AGE_MS);
  return stale ? ['', text] : [text];
};
