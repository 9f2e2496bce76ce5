/** What an attribute may hold. Anything else is turned into a text; null is left out. */
type ThroughlineAttributes = Record<string, string | number | boolean | null | undefined | object>;

/** A span that the page measures itself. */
interface ThroughlineSpan {
  /** The W3C `traceparent` that names it; empty where nothing is recorded. */
  readonly traceparent: string;
  /** Adds attributes. */
  set(attributes: ThroughlineAttributes): void;
  /** Ends it; as failed if something is given that was thrown, which is recorded, too. */
  end(error?: unknown): void;
}

interface ThroughlineSpanOptions {
  attributes?: ThroughlineAttributes;
  /** The span that it is part of. Without one: the active span, else the page's loading. */
  parent?: { readonly traceparent: string };
  /** When it started, as `performance.now()` has it; now unless given. */
  start?: number;
}

/** What the script tag puts on the page. Nothing of it ever throws by itself. */
interface ThroughlineRum {
  /** The version of the script. */
  readonly version: string;
  /** Begins a span. */
  span(name: string, options?: ThroughlineSpanOptions): ThroughlineSpan;
  /**
   * Runs `act` within a new span, gives what it gives and throws what it throws. The span is
   * active until `act` returns or first awaits, so that requests it makes until then are parts
   * of it, and ends with the promise if there is one. With a span in the name's place, `act`
   * runs with that span active, which is how to go on after an `await`.
   */
  withSpan<T>(
    name: string | ThroughlineSpan,
    act: (span: ThroughlineSpan) => T,
    options?: ThroughlineSpanOptions,
  ): T;
  /** Records that something happened, as a log record of the span given or of the active one. */
  event(name: string, attributes?: ThroughlineAttributes, span?: { readonly traceparent: string }): void;
  /** Records an error that the page has dealt with. */
  recordError(error: unknown, attributes?: ThroughlineAttributes, span?: { readonly traceparent: string }): void;
  /**
   * The trace of the latest interaction, before the first one the page view's: 32
   * lower-case hex digits. Null where nothing is recorded.
   */
  traceId(): string | null;
  /** Says whether anything may leave the page. `denied` is for good, and forgets everything. */
  consent(answer: 'pending' | 'granted' | 'denied'): void;
  /**
   * Sends what is finished, and ends clicks that wait for nothing any more. Resolves
   * when it has been answered or has failed; never rejects.
   */
  flush(): Promise<void>;
  /** What became of the spans and log records of this page. */
  stats(): ThroughlineStats;
  /**
   * Finds out why nothing arrives or traces are not connected, with one empty request to the
   * collector. Loads `throughline-doctor.js` from beside the script; rejects if that is not
   * there. Says the same in the console.
   */
  doctor(): Promise<ThroughlineFinding[]>;
}

interface ThroughlineFinding {
  /** Such as `cors`, `csp`, `unreachable`, `mixed-content`, `status-415`, `clock`, `not-linked`. */
  code: string;
  what: string;
  /** What to do about it: for `cors` the collector's configuration. */
  advice: string;
}

interface ThroughlineStats {
  state: 'on' | 'off';
  /** Why nothing is recorded; empty while it is. */
  reason: string;
  /** The numbers are there while the state is `on`. */
  started?: number;
  /** Spans that the collector has accepted. */
  exported?: number;
  /** Spans and log records that wait to be sent or answered. */
  queued?: number;
  /** Requests, clicks and the page's own spans under way. */
  open?: number;
  /** Log records that the collector has accepted. */
  logs?: number;
  /** What was lost or never recorded, by reason. */
  dropped: {
    /** The queue was full. */
    queue?: number;
    /** One alone was too large. */
    size?: number;
    /** The collector refused it. */
    rejected?: number;
    /** Its trace is not in the sample. */
    sampled?: number;
    /** Too many spans were open. */
    limit?: number;
  };
}

/** What a page may put in the script's place before it is loaded. */
interface ThroughlineStub {
  /** Calls to make once there is something to call: the method's name and its arguments. */
  q?: [name: keyof ThroughlineRum, ...args: unknown[]][];
  /** As the script tag's attributes, which win over these. */
  options?: ThroughlineOptions;
}

/** What can be set; docs/rum.md says what each does and costs. */
interface ThroughlineOptions {
  collector?: string;
  service?: string;
  serviceVersion?: string;
  environment?: string;
  sampleRatio?: string | number;
  propagateTo?: string | (string | RegExp | ((url: string) => boolean))[];
  dryRun?: boolean | string;
  traceLevel?: '1' | '2';
  compress?: boolean | string;
  consent?: 'pending' | 'granted' | 'denied';
}

interface Window {
  throughlineRum?: ThroughlineRum | ThroughlineStub;
}
