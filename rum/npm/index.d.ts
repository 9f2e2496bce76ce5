/// <reference path="./throughline.d.ts" />

/** Starts, once a page. Before that, and where it cannot start, everything else does nothing. */
export function start(options: ThroughlineOptions & { collector: string }): void;

export const version: ThroughlineRum['version'];
export const span: ThroughlineRum['span'];
export const withSpan: ThroughlineRum['withSpan'];
export const event: ThroughlineRum['event'];
export const recordError: ThroughlineRum['recordError'];
export const traceId: ThroughlineRum['traceId'];
export const consent: ThroughlineRum['consent'];
export const flush: ThroughlineRum['flush'];
export const stats: ThroughlineRum['stats'];
/** Once it has been started. */
export const doctor: ThroughlineRum['doctor'];
