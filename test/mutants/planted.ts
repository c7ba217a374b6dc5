/** Whether the mutant's file has been loaded, with the bug in it. */
export const planted = { isPlanted: false };
