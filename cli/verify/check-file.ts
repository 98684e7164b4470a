import { resolve } from 'node:path';
import type { Certificate } from '../../lambdas/domain/recovery/certificate.ts';
import { checkCertificate } from '../../lambdas/domain/recovery/check-certificate.ts';
import type { Use } from '../platform/context.ts';
import { EXIT } from '../platform/errors.ts';
import { grouped, type Output, printable } from '../platform/output.ts';
import { parseJson, readInput } from '../platform/read-input.ts';
import { GivenFolder } from './given-folder.ts';
import { proofsOf } from './save-certificate.ts';

/** Problems and absent objects that are shown to people; programs get all, with --json. */
const SHOWN = 50;

/**
 * Checks a saved certificate with nothing but the file, its proofs beside it and, if a folder is given, a copy of the
 * archive.
 * @returns 1 where something is wrong with it, or it says of itself that it is incomplete
 */
export async function checkFile(file: string, objects: string | undefined, use: Use): Promise<number> {
  const { host, output } = use;
  const value = parseJson(await readInput(file, host), file);
  const folder = objects === undefined ? undefined : new GivenFolder(resolve(host.cwd, objects));
  const proofs = new GivenFolder(resolve(host.cwd, proofsOf(file)));
  const found = checkCertificate(value, proofs, folder);
  const absent = [...(folder?.absent ?? [])].map((key) => `${key}: not in ${objects}`);
  const problems = [...found, ...absent];
  output.emit({ file, whole: problems.length === 0, problems, ...saidBy(value) });
  for (const problem of problems.slice(0, SHOWN))
    output.say(`${output.colors.red('✗')} ${printable(problem)}`);
  if (problems.length > SHOWN) output.say(`… and ${grouped(problems.length - SHOWN)} more: --json lists all`);
  if (problems.length > 0) {
    output.say(`${file} can't be relied upon.`);
    return EXIT.differs;
  }
  return sayCertificate(value as Certificate, folder !== undefined, output);
}

/** Only of what is a certificate; of anything else nothing is repeated. */
function saidBy(value: unknown) {
  const { verdict, totals, sha256 } = (value ?? {}) as Partial<Certificate>;
  return { verdict, totals, sha256 };
}

function sayCertificate(certificate: Certificate, hasObjects: boolean, output: Output): number {
  const { period, knownAt, totals, verdict, sha256, findings } = certificate;
  const { from = 'the beginning', to = 'now' } = period;
  output.say(
    `Certificate of what arrived from ${printable(from)} to ${printable(to)}, known at ${printable(knownAt)}`,
  );
  output.table(
    ['', 'number'],
    Object.entries(totals).map(([name, count]) => [name, grouped(count)]),
    1,
  );
  output.say(`${output.colors.green('✓')} Its proofs are whole, and it has the SHA-256 ${printable(sha256)}`);
  output.say(
    `The audit has the SHA-256 of the one that was issued: weir runs show ${printable(certificate.requestId)}`,
  );
  output.say(
    hasObjects
      ? 'All of its archive objects are there, and are what it says.'
      : 'Its archive objects were not looked at: --objects <folder> does, with a copy of the archive bucket.',
  );
  if (verdict === 'complete') {
    output.say('It is complete: all that was accepted is accounted for.');
    return EXIT.done;
  }
  output.say(`It is incomplete: ${grouped(totals.missing)} events missing, ${grouped(findings)} findings.`);
  return EXIT.differs;
}
