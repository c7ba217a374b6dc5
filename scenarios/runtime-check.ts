import process from "node:process";

/**
 * Ends the process with `runtime_unsupported` and exit code 3 when this Node.js is too old to run a
 * bank. Import it for its effect, before anything that may fail on an older Node.js.
 */

/** The oldest major version on which libp2p works; `engines` in package.json says the same. */
const WANTED_MAJOR = 24;

/** The environment failed: neither a bad input nor a violated property. */
const EXIT_ENVIRONMENT = 3;

if (Number.parseInt(process.versions.node, 10) < WANTED_MAJOR) {
  process.stderr.write(
    `runtime_unsupported: have Node.js ${process.versions.node}, want ${WANTED_MAJOR} or newer. ` +
      "npm ci installs one for npm start and npm run daliz, unless told to ignore scripts or omit " +
      "development dependencies.\n",
  );
  process.exit(EXIT_ENVIRONMENT);
}
