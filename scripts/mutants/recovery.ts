import type { Mutant } from './mutant.ts';

const at = (file: string, name: string) => ({ file, name });
const FOLD = 'test/unit/fold-partition.test.ts';
const REBUILD = 'test/property/recovery-rebuild.property.test.ts';
const RECONCILE = 'test/property/recovery-reconcile.property.test.ts';
const RESEND = 'test/unit/resend.test.ts';
const REPAIR = 'test/unit/repair.test.ts';
const RECOVER = 'test/unit/recover.test.ts';
const CONCLUDE = 'test/unit/conclude.test.ts';
const VERIFY = 'test/property/recovery-verify.property.test.ts';

/** A bucket that is written anew loses and doubles nothing: P2, P3. */
export const REWRITING: readonly Mutant[] = [
  {
    id: 'rewrite-unconditional',
    promise: 'P2',
    guard: 'a bucket is written anew only over the head that was looked at',
    file: 'test/support/memory-buckets.ts',
    edits: [['if (!isAsSeen(item, seen)) return', 'if (!isAsSeen(item, seen) && head.v < 0) return']],
    test: at(
      REBUILD,
      'loses and doubles nothing, whenever it runs, wherever it dies, whoever writes meanwhile',
    ),
  },
  {
    id: 'rewrite-covers-all',
    promise: 'P3',
    guard: 'after a lost race, a bucket is written anew only if all that it holds by then was folded',
    file: 'lambdas/fold/write-bucket.ts',
    edits: [['|| !covers(review, live)', '|| (!covers(review, live) && live.found === undefined)']],
    test: at(
      REBUILD,
      'loses and doubles nothing, whenever it runs, wherever it dies, whoever writes meanwhile',
    ),
  },
  {
    id: 'rewrite-of-another-taken',
    promise: 'P2',
    guard: 'what another has written under the same version and epoch is not taken for one’s own',
    file: 'lambdas/fold/write-bucket.ts',
    edits: [['    there.bucket.revision === bucket.revision &&\n', '']],
    test: at(
      'test/unit/differences-file.test.ts',
      'does not take another run’s bucket of the same version and epoch for its own',
    ),
  },
  {
    id: 'epoch-not-raised',
    promise: 'P2',
    guard: 'a bucket that is written anew has an epoch of its own',
    file: 'lambdas/domain/recovery/rewrite-bucket.ts',
    edits: [['const epoch = (oldEpoch ?? 0) + 1;', 'const epoch = oldEpoch ?? 1;']],
    test: at(REBUILD, 'is undone: the old numbers are back, with what came since, wherever either dies'),
  },
  {
    id: 'lost-bucket-begins-at-one',
    promise: 'P2',
    guard: 'a lost bucket comes back under a version that no lost head can have had',
    file: 'lambdas/domain/recovery/rewrite-bucket.ts',
    edits: [['seen?.v === undefined ? nowMs : seen.v + 1', 'seen?.v === undefined ? 1 : seen.v + 1']],
    test: at(
      'test/unit/rewrite-bucket.test.ts',
      'is later than any head that was lost, so that nobody who remembers one writes over it',
    ),
  },
  {
    id: 'old-head-not-kept',
    promise: 'P4',
    guard: 'the old head is kept before the new one is written',
    file: 'lambdas/fold/write-bucket.ts',
    edits: [['if (kept) await', 'if (kept && kept.epoch < 0) await']],
    test: at(REBUILD, 'is undone: the old numbers are back, with what came since, wherever either dies'),
  },
  {
    id: 'no-second-look',
    promise: 'F1',
    guard: 'what differs is looked at again, with all that the archive got meanwhile',
    file: 'lambdas/domain/recovery/conclude-review.ts',
    edits: [
      [
        '  if (found.length === 0) return done(twoContents(review));\n  if (!isFinal) return AGAIN;\n',
        '  if (found.length === 0) return done(twoContents(review));\n',
      ],
    ],
    test: at(RECONCILE, 'finds nothing where nothing is wrong, however traffic flows while it looks'),
  },
  {
    id: 'rebuilt-from-damage',
    promise: 'P3',
    guard: 'nothing is rebuilt from an archive that has lost objects',
    file: 'lambdas/fold/ensure-going.ts',
    edits: [
      ["if (damaged && plan.request.verb === 'rebuild')", "if (damaged && plan.request.verb === 'replay')"],
    ],
    test: at(
      'test/property/recovery-preview.property.test.ts',
      'is reason to write nothing anew and to call nothing extra',
    ),
  },
  {
    id: 'repaired-from-damage',
    promise: 'P3',
    guard: 'nothing is repaired by an archive that has lost objects',
    file: 'lambdas/domain/recovery/conclude-review.ts',
    edits: [['if (!repair || damaged) return', 'if (!repair) return']],
    test: at(
      'test/unit/fold-damaged.test.ts',
      'sends nothing again where the archive is damaged, though it knows what is missing',
    ),
  },
  {
    id: 'unknown-left-out',
    promise: 'P3',
    guard: 'what state has counted and the archive does not have is never left out by a rebuild',
    file: 'lambdas/domain/recovery/conclude-review.ts',
    edits: [['if (unknown.length > 0) return done([...unknown, ...notes]);', '']],
    test: at(FOLD, 'is never left out by a rebuild: the bucket is left as it is, and said to be'),
  },
  {
    id: 'refusal-excuses-for-ever',
    promise: 'P3',
    guard: 'of several sendings the last one says whether an event was refused',
    file: 'lambdas/domain/recovery/refusals.ts',
    edits: [['return refused.has(sent.last) ||', 'return refused.size > 0 ||']],
    test: at(FOLD, 'is missing where it was redriven, counted, and lost'),
  },
  {
    id: 'refused-called-missing',
    promise: 'P3',
    guard: 'what the projector refused is in quarantine, and not missing',
    file: 'lambdas/domain/recovery/review-bucket.ts',
    edits: [['else if (projected && !refused)', 'else if (projected)']],
    test: at(FOLD, 'is not missing, though this build can count it'),
  },
];

/** What is sent again is sent, counted once, and in nobody’s way: P2, P3, P8. */
export const SENDING_AGAIN: readonly Mutant[] = [
  {
    id: 'replays-replayed',
    promise: 'P8',
    guard: 'a replay never takes replays',
    file: 'lambdas/domain/recovery/select-replay.ts',
    edits: [['{ indexes: [], replays: indexes.length }', '{ indexes, replays: indexes.length }']],
    test: at(RESEND, 'never takes replays, quarantine or marks, and says how many replays it passed over'),
  },
  {
    id: 'origin-lost',
    promise: 'P8',
    guard: 'what is sent again says where it stood first, however often it is sent',
    file: 'lambdas/domain/recovery/replay-envelope.ts',
    edits: [
      [
        'const next = { schema, event, origin };',
        'const next = { schema, event, origin: accepted.origin === undefined ? origin : record.sequence };',
      ],
    ],
    test: at(RESEND, 'are sent by their places, quarantine and replays too'),
  },
  {
    id: 'sent-unacknowledged',
    promise: 'P1',
    guard: 'only what the log has acknowledged is noted as sent again',
    file: 'lambdas/resend/send-paced.ts',
    edits: [
      [
        'rest = rest.filter((_, index) => !acknowledged[index]);',
        'rest = rest.filter((_, index) => acknowledged[index] === undefined);',
      ],
    ],
    test: at(
      RESEND,
      'tries again what the log does not take, and fails after some tries, having noted what it took',
    ),
  },
  {
    id: 'lag-ignored',
    promise: 'P8',
    guard: 'a replay stops while the projector lags',
    file: 'lambdas/domain/recovery/pace.ts',
    edits: [['lagSeconds !== undefined && lagSeconds <= bound', 'lagSeconds !== undefined && bound > 0']],
    test: at('test/property/pace.property.test.ts', 'is shut above the bound, and opens only well below it'),
  },
  {
    id: 'redriven-unjudged',
    promise: 'P3',
    guard: 'what is redriven is judged again',
    file: 'lambdas/domain/recovery/redrive-event.ts',
    edits: [
      [
        "if ('refusal' in judgement) {",
        "if ('refusal' in judgement && judgement.refusal.code !== 'contract-violation') {",
      ],
      [
        'const { schema, event } = judgement;',
        "const { schema, event } = 'event' in judgement ? judgement : { schema: 1, event: item.exact as CloudEvent };",
      ],
    ],
    test: at(RESEND, 'mends by a patch, judges what comes of it, and says of each that stays held why'),
  },
  {
    id: 'patch-reaches-inherited',
    promise: 'P3',
    guard: 'a patch touches only what the event itself holds',
    file: 'lambdas/domain/recovery/json-patch.ts',
    edits: [['if (!Object.hasOwn(value, token)) return NOTHING;', 'if (!(token in value)) return NOTHING;']],
    test: at('test/unit/json-patch.test.ts', 'a patch reaches nothing that objects share'),
  },
  {
    id: 'repair-not-awaited',
    promise: 'P1, P3',
    guard: 'a repair is done when the projector has passed what it sent',
    file: 'lambdas/repair/repair-message.ts',
    edits: [
      [
        'return hasPassed(all, await passes.read(), mark);',
        'return hasPassed(all, await passes.read(), mark) || all.length > 0;',
      ],
    ],
    test: at(REPAIR, 'is not done by a mark of a clock that is ahead: it waits for its own'),
  },
  {
    id: 'repair-before-archive',
    promise: 'P1',
    guard: 'a range is sent again only when the archive has all of it',
    file: 'lambdas/repair/repair-message.ts',
    edits: [
      [
        'return head !== undefined && compareSequences(head.last, last) >= 0;',
        'return head !== undefined || last.length > 0;',
      ],
    ],
    test: at(REPAIR, 'comes again where the archive does not catch up in time, and has sent nothing'),
  },
  {
    id: 'repaired-for-ever',
    promise: 'F8',
    guard: 'what is given up again and again is given to an operator',
    file: 'lambdas/repair/repair-range.ts',
    edits: [['if (repairs >= MAX_REPAIRS) {', 'if (repairs > 9 * MAX_REPAIRS) {']],
    test: at(
      REPAIR,
      'leaves alone for a while what is given up although it was repaired, and gives it to an operator after three times',
    ),
  },
  {
    id: 'repair-partly-acknowledged',
    promise: 'P1',
    guard: 'a repair of which the log has not taken all comes again',
    file: 'lambdas/repair/repair-range.ts',
    edits: [['if (missed > 0) throw', 'if (missed > acknowledged.length) throw']],
    test: at(REPAIR, 'comes again where the log does not take it, and then sends all of it'),
  },
];

/** One request is one run, and it is done when all of it is: P3, P4. */
export const RUNNING: readonly Mutant[] = [
  {
    id: 'attempt-begun-twice',
    promise: 'P2',
    guard: 'the same request twice is one run, with one execution',
    file: 'lambdas/recover/recover-run.ts',
    edits: [['executionName(requestId, attempt), {', 'executionName(requestId, attempt + Math.random()), {']],
    test: at(RECOVER, 'twice, and at the same moment, is one run'),
  },
  {
    id: 'other-arguments-taken',
    promise: 'P4',
    guard: 'an id is that of one request: with other arguments it is refused',
    file: 'lambdas/recover/recover-run.ts',
    edits: [['if (differences.length > 0) {', 'if (differences.length > 99) {']],
    test: at(RECOVER, 'with an id that is taken, and other arguments, is an error that names them'),
  },
  {
    id: 'done-with-a-part-missing',
    promise: 'P3',
    guard: 'a run is not done with a part of it missing',
    file: 'lambdas/conclude/add-up.ts',
    edits: [['if (undone.length === 0) return;', 'if (undone.length >= 0) return;']],
    test: at(CONCLUDE, 'is not taken for done while events that are missing are not sent'),
  },
  {
    id: 'overtaken-goes-on',
    promise: 'P2',
    guard: 'a worker of an attempt that was cancelled, or that another followed, writes nothing more',
    file: 'lambdas/platform/assert-running.ts',
    edits: [["if (run.status !== 'running' || run.attempt !== attempt)", "if (run.status !== 'running')"]],
    test: at(FOLD, 'a worker of an attempt that is over'),
  },
  {
    id: 'changed-object-trusted',
    promise: 'F1',
    guard: 'an object whose bytes were changed is found',
    file: 'lambdas/platform/open-object.ts',
    edits: [['if (sha256 !== object.sha256)', 'if (sha256.length !== object.sha256.length)']],
    test: at(VERIFY, 'an object with a byte flipped'),
  },
  {
    id: 'links-not-checked',
    promise: 'F1',
    guard: 'a manifest entry that was changed is found',
    file: 'lambdas/domain/recovery/check-chain.ts',
    edits: [
      [
        'findings: [...walk.breaksAgainst(head).map(breakFinding), ...walk.anchorFindings()],',
        'findings: [...walk.anchorFindings()],',
      ],
    ],
    test: at(VERIFY, 'a manifest entry that is gone, between its neighbours'),
  },
  {
    id: 'anchors-not-checked',
    promise: 'F1',
    guard: 'a chain that was made anew is found by its anchors',
    file: 'lambdas/domain/recovery/check-chain.ts',
    edits: [
      [
        'findings: [...walk.breaksAgainst(head).map(breakFinding), ...walk.anchorFindings()],',
        'findings: [...walk.breaksAgainst(head).map(breakFinding)],',
      ],
    ],
    test: at(VERIFY, 'a record that was taken out before an anchor, its object and all after it made anew'),
  },
  {
    id: 'acknowledged-not-missed',
    promise: 'F1',
    guard: 'what the log has acknowledged and no object holds is found',
    file: 'lambdas/domain/recovery/account-acks.ts',
    edits: [['if (missing.length === 0) continue;', 'if (missing.length >= 0) continue;']],
    test: at(
      'test/property/recovery-account.property.test.ts',
      'are missing where they are above the smallest seen and in no object, whatever the order of lines',
    ),
  },
  {
    id: 'certified-with-missing',
    promise: 'P3',
    guard: 'no certificate is complete that lacks an event',
    file: 'lambdas/domain/recovery/certify-bucket.ts',
    edits: [
      [
        "return refused || isRefusedHere ? 'failed' : 'missing';",
        "return refused || isRefusedHere ? 'failed' : 'counted';",
      ],
    ],
    test: at(
      'test/property/recovery-certificate.property.test.ts',
      'is incomplete where state lacks an accepted event, and counts each once',
    ),
  },
  {
    id: 'period-not-clipped',
    promise: 'F1',
    guard: 'a certificate says nothing of what may not be projected yet',
    file: 'lambdas/domain/recovery/wanted-lines.ts',
    edits: [['Date.parse(to) > Date.parse(knownAt) ? knownAt : to', 'to === knownAt ? knownAt : to']],
    test: at(
      'test/unit/certified-period.test.ts',
      'speaks of nothing that may be archived and not yet projected: it would call that missing',
    ),
  },
];

/** What holds recovery to its promises, beside the plans it makes. */
export const RECOVERY: readonly Mutant[] = [...REWRITING, ...SENDING_AGAIN, ...RUNNING];
