// Runs one bundled function in this fresh process, as Lambda's runtime would: imports it, hands it one event after the other, and
// says how long the import took and how much memory was ever resident. Plain JavaScript: a compiler in here would count too.
import { readFileSync, writeSync } from 'node:fs';

const REPORT_FD = 3;
const [bundle, ...eventFiles] = process.argv.slice(2);

/** Highest resident memory in bytes; `maxRSS` would also count the process that this one was forked from. */
function peakBytes() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

const started = performance.now();
const { handler } = await import(bundle);
const importMs = performance.now() - started;
const report = { importMs, readyMs: performance.now(), peaks: [] };
for (const eventFile of eventFiles) {
  const end = Date.now() + 300_000;
  const context = {
    awsRequestId: 'bench',
    functionName: 'bench',
    getRemainingTimeInMillis: () => end - Date.now(),
  };
  report.result = await handler(JSON.parse(readFileSync(eventFile, 'utf8')), context);
  report.peaks.push(peakBytes());
}
report.peakBytes = peakBytes();
writeSync(REPORT_FD, JSON.stringify(report));
process.exit();
