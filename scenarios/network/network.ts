/** How one message's delay on a link varies around the link's median; `sampleDelayUs` says how. */
export const DELAY_MODELS = ["constant", "measured", "log-normal", "heavy-tail"] as const;
export type DelayModel = (typeof DELAY_MODELS)[number];

/** The topologies that come with the program; a file of round trips is another. */
export const TOPOLOGIES = ["none", "single-site", "six-capitals"] as const;

/** What a scenario's `network` section says, with every default filled in. */
export interface ScenarioNetwork {
  readonly topology: Topology;
  readonly model: DelayModel;
  /** What one link carries, in 10^6 bits a second; `null` for no bound. */
  readonly bandwidthMbps: number | null;
  /** Of 100 messages; simulated runs only. */
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  /** Whether messages of one link may overtake each other; simulated runs only. */
  readonly reorder: boolean;
}

export type Topology =
  | { readonly kind: (typeof TOPOLOGIES)[number] }
  /** A user's own: a round trip for each pair of banks, from the file. */
  | { readonly kind: "matrix"; readonly file: string; readonly roundTrips: readonly RoundTrip[] };

/** Median and 90th percentile of the time there and back between two banks, in microseconds. */
export interface RoundTrip {
  readonly from: string;
  readonly to: string;
  readonly p50Us: number;
  readonly p90Us: number;
}

/** One direction between two banks, in whole microseconds: the median, and from there to the 90th percentile. */
export interface LinkDelay {
  readonly p50Us: number;
  readonly jitterUs: number;
}

export const NO_NETWORK: ScenarioNetwork = {
  topology: { kind: "none" },
  model: "measured",
  bandwidthMbps: null,
  lossPercent: 0,
  duplicatePercent: 0,
  reorder: false,
};
