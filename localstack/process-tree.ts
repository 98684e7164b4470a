import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './run-command.ts';

/** Whether a process exists, or has ended and waits for its parent to notice. */
const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A process and all that descend from it, by id. */
export async function processTree(root: number): Promise<number[]> {
  const { output } = await runCommand('ps', ['-A', '-o', 'pid=,ppid=']);
  const rows = output.trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
  const tree = [root];
  for (const parent of tree) tree.push(...pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid));
  return tree;
}

/** Waits until none of these processes exists; the ones that still do when the time is over. */
export async function waitUntilGone(pids: readonly number[], milliseconds: number): Promise<number[]> {
  const end = Date.now() + milliseconds;
  let left = pids.filter(exists);
  while (left.length > 0 && Date.now() < end) {
    await sleep(20);
    left = left.filter(exists);
  }
  return left;
}

/** Sends a signal, and does not mind when the process has gone. A negative id means a process group. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
