import { processHost } from './platform/host.ts';
import { runWeir } from './weir.ts';

process.exitCode = await runWeir(process.argv.slice(2), processHost());
