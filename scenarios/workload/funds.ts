import { invariant } from "../../crypto/outcome.ts";
import type { MemberId } from "../../node/ids.ts";
import type { Amount } from "../../node/money.ts";
import type { Scenario, ScenarioMember } from "../scenario.ts";

/** Something that a generated workload asks for and the scenario cannot give. */
export interface Refusal {
  /** The place in the scenario file, such as `workload.swaps.totalUsd`. */
  readonly path: string;
  readonly found: string;
  readonly allowed: string;
}

/**
 * What each member can still be planned to pay at its own bank: the untagged money it has at the
 * start. Money that comes in is never counted, and a hold counts as paid, so a plan within these
 * funds can be paid in any order and however late each payment is final.
 */
export class Funds {
  readonly #left = new Map<MemberId, bigint>();

  constructor({ members, tags }: Pick<Scenario, "members" | "tags">) {
    for (const { id, issue } of members) this.#left.set(id, issue);
    for (const { owner, issue } of tags) this.#left.set(owner, this.leftOf({ id: owner }) - issue);
  }

  leftOf({ id }: Pick<ScenarioMember, "id">): bigint {
    return this.#left.get(id) ?? 0n;
  }

  take(member: Pick<ScenarioMember, "id">, amount: Amount): void {
    const left = this.leftOf(member) - amount;
    invariant(left >= 0n, "NonNegative", `${member.id} is planned to pay more than it has`);
    this.#left.set(member.id, left);
  }
}
