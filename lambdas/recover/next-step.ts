import type { Run } from '../domain/recovery/run.ts';

/** What an operator does now, by how the run stands. */
export function nextStep({ request, status, error }: Run): string {
  const { requestId } = request;
  const show = `weir runs show ${requestId}`;
  switch (status) {
    case 'running':
      return `It runs: "weir runs watch ${requestId}", or the execution in the Step Functions console.`;
    case 'done':
      return `It is done, and nothing was found or left. "${show}" has its counts.`;
    case 'differs':
      return `It is done; what it found, and what to do about it, says "${show}", or result.json in the runs bucket.`;
    case 'failed':
      return `It failed${error === undefined ? '' : `: ${error}`} Resume it with {"command": "resume", "requestId": "${requestId}", "operator": "…", "reason": "…"}.`;
    case 'cancelled':
      return `It was cancelled. What was done stays done; {"command": "resume", "requestId": "${requestId}", "operator": "…", "reason": "…"} goes on with the rest.`;
  }
}
