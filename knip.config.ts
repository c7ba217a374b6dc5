import type { KnipConfig } from "knip";

const config: KnipConfig = {
  // The campaign of planted bugs starts processes of its own.
  entry: ["test/**/*.test.ts", "test/mutants/{register,detect}.ts"],
  project: ["{crypto,node,corridor,scenarios,test}/**/*.{ts,js}", "*.config.ts"],
  ignoreExportsUsedInFile: true,
  // From Debian's coreutils; a test makes a named pipe.
  ignoreBinaries: ["mkfifo"],
};

export default config;
