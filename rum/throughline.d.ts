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
  /** Log records that the collector has accepted. */
  logs?: number;
  /** Spans and log records that wait to be sent or answered. */
  queued?: number;
  /** Requests, clicks and the page's own spans under way. */
  open?: number;
  /** Spans and log records of all pages that are kept until the collector takes them. */
  kept?: number;
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
    /** Attributes of spans that had too many already. */
    attribute?: number;
    /** It was kept, and had to give way or became too old. */
    journal?: number;
    /** `beforeSend` has dropped it. */
    hook?: number;
  };
}

/** What a page may put in the script's place before it is loaded. */
interface ThroughlineStub {
  /** Calls to make once there is something to call: the method's name and its arguments. */
  q?: [name: keyof ThroughlineRum, ...args: unknown[]][];
  /** As the script tag's attributes, which win over these. */
  options?: ThroughlineOptions;
}

/** What `beforeSend` sees of a span or a log record, and may change. */
interface ThroughlineRecord {
  readonly type: 'span' | 'log';
  readonly traceId: string;
  readonly spanId: string;
  name: string;
  attributes: Record<string, string | number | boolean | null | undefined>;
}

/** An address, as the beginning of what fits; an expression; or a function of the address. */
type ThroughlineTarget = string | RegExp | ((url: string) => boolean);

/** What both scripts understand; docs/rum.md says what each does and costs. */
interface ThroughlineBasicOptions {
  collector?: string;
  service?: string;
  serviceVersion?: string;
  environment?: string;
  headers?: string | Record<string, string>;
  compress?: boolean | 'true' | 'false';
  propagateTo?: string | ThroughlineTarget[];
  sampleRatio?: string | number;
  consent?: 'pending' | 'granted' | 'denied';
  keepQuery?: string | string[];
}

/** What `throughline-full.js`, or `throughline-rum/full`, understands besides. */
interface ThroughlineFullOptions {
  encoding?: 'protobuf' | 'json';
  formats?: string | string[];
  baggage?: string | Record<string, string | number | boolean>;
  traceLevel?: '1' | '2';
  dryRun?: boolean | 'true' | 'false';
  sampleAlways?: string | true | ('errors' | true | ThroughlineTarget)[];
  maxSpansPerSecond?: string | number;
  spansPerMinute?: string | number;
  urlTemplates?:
    | string
    | ((path: string) => string | undefined)
    | (string | ((path: string) => string | undefined))[];
  /** Drops what it answers with `false`, and what it throws on. */
  beforeSend?: (
    record: ThroughlineRecord,
  ) => void | boolean | null | Pick<ThroughlineRecord, 'name' | 'attributes'>;
}

type ThroughlineOptions = ThroughlineBasicOptions & ThroughlineFullOptions;

interface Window {
  throughlineRum?: ThroughlineRum | ThroughlineStub;
}
