import { type Certificate, issueCertificate } from '../domain/recovery/certificate.ts';
import type { ShardProof } from '../domain/recovery/chain-section.ts';
import type { RunFiles } from '../domain/recovery/ports.ts';
import type { RunRequest, VerifyRequest } from '../domain/recovery/request.ts';
import { type Plan, type RunResult, runFiles } from '../domain/recovery/run.ts';
import { certifiedPeriod } from '../domain/recovery/wanted-lines.ts';
import { readJson } from './read-files.ts';

/**
 * Issues the certificate of a run that asked for one, from each shard's stretch: proof files are not read. The first
 * certificate that was written is the run's.
 * @throws Error where the run's files are gone
 */
export async function certify(
  { request, knownAt }: Plan,
  { counts, findings }: RunResult,
  nowMs: number,
  files: Pick<RunFiles, 'get' | 'putNew'>,
): Promise<void> {
  if (!asksForCertificate(request)) return;
  const { requestId } = request;
  const shards = await readJson<readonly ShardProof[]>(files, requestId, runFiles.stretches);
  if (!shards) throw new Error(`the file ${runFiles.stretches} of run ${requestId} is gone: begin a new run`);
  const certificate = issueCertificate({
    ...{ requestId, knownAt, shards, counts },
    period: certifiedPeriod(request, knownAt),
    issuedAt: new Date(nowMs).toISOString(),
    findings: counts.findings ?? findings.length,
  });
  await files.putNew(requestId, runFiles.certificate, Buffer.from(JSON.stringify(certificate)));
}

/** The SHA-256 of the certificate that a run has issued, if it asked for one. */
export async function hashOfIssued(
  request: RunRequest,
  files: Pick<RunFiles, 'get'>,
): Promise<string | undefined> {
  if (!asksForCertificate(request)) return undefined;
  return (await readJson<Certificate>(files, request.requestId, runFiles.certificate))?.sha256;
}

function asksForCertificate(request: RunRequest): request is VerifyRequest {
  return request.verb === 'verify' && request.certificate && !request.dryRun;
}
