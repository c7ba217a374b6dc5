import type { KnipConfig } from "knip";

const config: KnipConfig = {
  entry: ["test/**/*.test.ts"],
  project: ["{crypto,node,corridor,scenarios,test}/**/*.{ts,js}", "*.config.ts"],
  ignoreExportsUsedInFile: true,
  // From Debian's coreutils; a test makes a named pipe.
  ignoreBinaries: ["mkfifo"],
};

export default config;
