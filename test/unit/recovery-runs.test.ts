import {
  describeAnchorsContract,
  describeAuditContract,
  describeExecutionsContract,
  describeRunsContract,
} from '../contract/runs.ts';
import { MemoryAnchors, MemoryAudit, MemoryExecutions, MemoryRuns } from '../support/memory-runs.ts';

// The same contracts hold the adapters on LocalStack (test/emulator/recovery/run-adapters.test.ts).
const runs = new MemoryRuns();
describeRunsContract('in memory', () => runs);
describeAuditContract('in memory', () => new MemoryAudit());
describeAnchorsContract('in memory', () => new MemoryAnchors());
describeExecutionsContract('in memory', () => new MemoryExecutions());
