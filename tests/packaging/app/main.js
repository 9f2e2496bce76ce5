// A small application with the package: what it measures itself, and what is measured by itself.

import { doctor, flush, start, stats, withSpan } from 'throughline-rum';

start({ collector: location.origin, service: 'packaged' });

/** Does something, and gives what the library says of itself. */
window.run = async () => {
  while (stats().state !== 'on') await new Promise((resolve) => setTimeout(resolve, 20));
  await withSpan('packaged', () => fetch('/echo?this').then((answer) => answer.text()));
  await flush();
  return { stats: stats(), findings: await doctor() };
};
