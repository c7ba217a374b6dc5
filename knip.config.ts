import type { KnipConfig } from "knip";

const config: KnipConfig = {
  entry: ["scenarios/main.ts", "test/**/*.test.ts"],
  project: ["{crypto,node,corridor,scenarios,test}/**/*.{ts,js}", "*.config.ts"],
  ignoreExportsUsedInFile: { interface: true, type: true },
};

export default config;
