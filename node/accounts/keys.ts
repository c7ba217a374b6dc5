import { tagKey, type AccountId, type TagId } from "../ids.ts";

/** The key of one balance: the account, and the tag unless the money is untagged. */
export const balanceKey = (account: AccountId, tag: TagId | null): string =>
  tag === null ? account : `${account} ${tagKey(tag)}`;
