/** Something that the user can mend. The message is a sentence that says what is wrong and what to do. */
export class Problem extends Error {}

/** What npm and pip print when they cannot reach a registry. For pip an empty list of versions means no answer. */
const NETWORK = new RegExp(
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/,
    /\b(NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError)\b/,
    /Max retries exceeded|[Ff]ailed to (establish|connect)|\(from versions: none\)/,
  ]
    .map(({ source }) => source)
    .join("|"),
);
const PERMISSION = /\b(EACCES|EPERM|EROFS)\b|[Pp]ermission denied|Read-only file system/;
const SPACE = /\bENOSPC\b|No space left on device/;

/**
 * Turns the failure of an installing tool into a {@link Problem}, from what the tool printed.
 *
 * @param {string} tool name for people, such as "npm"
 * @param {import("./commands.mjs").CommandFailure} failure
 */
export function explainFailure(tool, failure) {
  const { output } = failure;
  if (NETWORK.test(output)) {
    return new Problem(
      `No network: ${tool} could not reach its package registry; check the connection (or the proxy settings) and run this again.`,
    );
  }
  if (SPACE.test(output))
    return new Problem(`The disk is full: ${tool} could not write; free some space and run this again.`);
  if (PERMISSION.test(output)) {
    const line = output.split("\n").find((text) => PERMISSION.test(text)) ?? "";
    return new Problem(
      `No write permission for ${tool} (${line.trim()}): make that place writable for this user and run this again.`,
    );
  }
  return new Problem(`${output.trimEnd()}\n\n${failure.message}; what it printed is above.`);
}
