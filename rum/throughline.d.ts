/** What the script tag puts on the page. */
interface ThroughlineRum {
  /** The version of the script. */
  readonly version: string;
  /**
   * The trace of the latest interaction, before the first one the page view's: 32
   * lower-case hex digits. Null where nothing is recorded.
   */
  traceId(): string | null;
  /**
   * Sends what is finished, and ends clicks that wait for nothing any more. Resolves
   * when it has been answered or has failed; never rejects.
   */
  flush(): Promise<void>;
  /** What became of the spans of this page. */
  stats(): ThroughlineStats;
}

interface ThroughlineStats {
  state: 'on' | 'off';
  /** Why nothing is recorded; empty while it is. */
  reason: string;
  /** The numbers are there while the state is `on`. */
  started?: number;
  /** Spans that the collector has accepted. */
  exported?: number;
  /** Spans that wait to be sent or answered. */
  queued?: number;
  /** Requests and clicks under way. */
  open?: number;
  /** Spans that were lost or never recorded, by reason. */
  dropped: {
    /** The queue was full. */
    queue?: number;
    /** A span alone was too large. */
    size?: number;
    /** The collector refused it. */
    rejected?: number;
    /** Its trace is not in the sample. */
    sampled?: number;
    /** Too many requests were under way. */
    limit?: number;
  };
}

interface Window {
  readonly throughlineRum?: ThroughlineRum;
}
