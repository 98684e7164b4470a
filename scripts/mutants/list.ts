import { LOOKING } from './looking.ts';
import type { Mutant } from './mutant.ts';
import { OPERATING } from './operating.ts';
import { RECOVERY } from './recovery.ts';
import { SEEING } from './seeing.ts';
import { SHEDDING } from './shedding.ts';
import { STEERING } from './steering.ts';
import { WATCHING } from './watching.ts';

const at = (file: string, name: string) => ({ file, name });
const INGEST = 'test/unit/ingest.test.ts';
const PROJECT = 'test/unit/project-batch.test.ts';
const FOLD = 'test/property/project.property.test.ts';
const QUARANTINE = 'test/property/quarantine.property.test.ts';
const ARCHIVE = 'test/property/archive.property.test.ts';
const ADAPTERS = 'test/emulator/adapters.test.ts';
const SELECTION = 'test/property/select-objects.property.test.ts';
const PLAN = 'test/property/plan.property.test.ts';

/** What nothing is acknowledged before: P1, P3. */
const ACKNOWLEDGEMENTS: readonly Mutant[] = [
  {
    id: 'ingest-acknowledges-first',
    promise: 'P1',
    guard: 'ingest says 202 only of what the log has acknowledged',
    file: 'lambdas/ingest/take-events.ts',
    edits: [['written[index] = acknowledged[at]!;', 'written[index] = true;']],
    test: at(
      'test/property/ingest.property.test.ts',
      'P1: whatever the log refuses, nothing is called accepted or kept that it has not acknowledged',
    ),
  },
  {
    id: 'kinesis-refusal-unseen',
    promise: 'P1',
    guard: 'a record that Kinesis refused within a successful call is not acknowledged',
    file: 'lambdas/adapters/kinesis-log.ts',
    edits: [
      [
        "return result?.ErrorCode ?? (result?.SequenceNumber ? undefined : 'NoSequenceNumber');",
        'return undefined;',
      ],
    ],
    test: at(
      'test/unit/kinesis-log.test.ts',
      'P1: says no for what was refused until the deadline, and for that alone',
    ),
  },
  {
    id: 'projector-reports-no-failure',
    promise: 'P1, P3',
    guard: 'the projector names the earliest record that is not done',
    file: 'lambdas/project/batch.ts',
    edits: [['...(this.failedFrom !== undefined && { failedFrom: this.failedFrom }),', '']],
    test: at(PROJECT, 'is not acknowledged before its quarantine is in the log'),
  },
  {
    id: 'quarantine-not-awaited',
    promise: 'P3',
    guard: 'a refused event is acknowledged only when the log has its quarantine',
    file: 'lambdas/project/quarantine-refused.ts',
    edits: [
      [
        'items.filter((_, index) => !acknowledged[index])',
        'items.filter((_, index) => acknowledged[index] === undefined)',
      ],
    ],
    test: at(PROJECT, 'is not acknowledged before its quarantine is in the log'),
  },
  {
    id: 'failed-read-taken-for-empty',
    promise: 'P1, P3',
    guard: 'what could not be read is not done',
    file: 'lambdas/project/project-batch.ts',
    edits: [['groupRecords(groups)', '[]']],
    test: at(PROJECT, 'is not acknowledged, and counted when it comes again'),
  },
  {
    id: 'failed-bucket-acknowledged',
    promise: 'P1, P3',
    guard: 'a bucket that could not be written is not done',
    file: 'lambdas/project/project-batch.ts',
    edits: [['groupRecords([group])', '[]']],
    test: at(PROJECT, 'is not acknowledged, and counted when it comes again'),
  },
  {
    id: 'mark-despite-failure',
    promise: 'P3',
    guard: 'a mark is noted only when all before it is done',
    file: 'lambdas/project/project-batch.ts',
    edits: [
      ['marks.filter(({ record }) => record < (batch.failedFrom ?? records.length)).at(-1)', 'marks.at(-1)'],
    ],
    test: at(PROJECT, 'is noted only for what lies before the first failure'),
  },
  {
    id: 'mark-missed-unsaid',
    promise: 'P3',
    guard: 'a shard that got no mark is an error',
    file: 'lambdas/platform/put-marks.ts',
    edits: [['if (missed.length > 0) throw', 'if (missed.length > open.length) throw']],
    test: at('test/unit/put-marks.test.ts', 'that a shard did not get are named'),
  },
];

/** Counted exactly once: P2. */
const COUNTING: readonly Mutant[] = [
  {
    id: 'head-condition-dropped',
    promise: 'P2',
    guard: 'a head is written only over the version that was read, so a zombie or a racer changes nothing',
    file: 'lambdas/adapters/dynamo-state.ts',
    edits: [["ConditionExpression: 'v = :seen'", "ConditionExpression: 'v = :seen OR v <> :seen'"]],
    test: at(
      ADAPTERS,
      'P2: takes a head only for the version that was read, and answers with the one that stands',
    ),
    emulator: true,
  },
  {
    id: 'head-birth-condition-dropped',
    promise: 'P2',
    guard: 'a new head is written only where there is none',
    file: 'lambdas/adapters/dynamo-state.ts',
    edits: [
      [
        "ConditionExpression: 'attribute_not_exists(pk)'",
        "ConditionExpression: 'attribute_not_exists(pk) OR attribute_exists(pk)'",
      ],
    ],
    test: at(ADAPTERS, 'P2: of several writers at once lets one win'),
    emulator: true,
  },
  {
    id: 'zombie-writes',
    promise: 'P2',
    guard: 'without the condition on the head, zombies and racers would undo each other’s counts',
    file: 'test/support/memory-state.ts',
    edits: [['if (current?.v !== seen) return', 'if (seen === -1) return']],
    test: at(FOLD, 'when two instances and a zombie take the same batches in any interleaving'),
  },
  {
    id: 'refused-write-taken',
    promise: 'P2',
    guard: 'a refused write is not taken for a written one',
    file: 'lambdas/project/count-bucket.ts',
    edits: [['if (won.written) {', 'if (won) {']],
    test: at(PROJECT, 'gives verdicts on what the winner wrote, not on what was read before'),
  },
  {
    id: 'verdicts-of-a-lost-race',
    promise: 'P2',
    guard: 'after a lost race events are judged anew, on what the winner wrote',
    file: 'lambdas/project/count-bucket.ts',
    edits: [['        continue;\n', '']],
    test: at(PROJECT, 'gives verdicts on what the winner wrote, not on what was read before'),
  },
  {
    id: 'sealed-pages-ignored',
    promise: 'P2',
    guard: 'an event is looked for in the sealed pages too',
    file: 'lambdas/domain/evolve.ts',
    edits: [
      [
        'this.#sealed.ids.find(event.identity) ?? this.#ids.find(event.identity)',
        'this.#ids.find(event.identity)',
      ],
    ],
    test: at(PROJECT, 'writes nothing'),
  },
  {
    id: 'open-page-ignored',
    promise: 'P2',
    guard: 'an event is looked for in the open page and in its own batch',
    file: 'lambdas/domain/evolve.ts',
    edits: [
      [
        'this.#sealed.ids.find(event.identity) ?? this.#ids.find(event.identity)',
        'this.#sealed.ids.find(event.identity)',
      ],
    ],
    test: at(FOLD, 'in any order, with any duplication, in any batches'),
  },
  {
    id: 'pages-not-read',
    promise: 'P2',
    guard: 'a cold instance reads the pages of the buckets that it meets',
    file: 'lambdas/project/sealed-pages.ts',
    edits: [
      [
        'if (bucket?.tail === undefined) return NOTHING_SEALED;',
        'if (bucket?.tail !== cacheName) return NOTHING_SEALED;',
      ],
    ],
    test: at(PROJECT, 'writes nothing'),
  },
  {
    id: 'chain-cut-short',
    promise: 'P2',
    guard: 'a chain of pages is followed to its end',
    file: 'lambdas/project/sealed-pages.ts',
    edits: [['      next = page.prev;', '      next = undefined;']],
    test: at('test/unit/sealed-pages.test.ts', 'is read once with one query, and then remembered'),
  },
  {
    id: 'missing-page-taken-for-empty',
    promise: 'P2',
    guard: 'a page that the chain names and that is missing is an error, never an empty page',
    file: 'lambdas/project/sealed-pages.ts',
    edits: [['if (!page) throw new PageMissingError(key, next);', 'if (!page) break;']],
    test: at(PROJECT, 'and that is missing fails its bucket, and that alone, rather than be taken for empty'),
  },
  {
    id: 'cached-page-of-another-epoch',
    promise: 'P2',
    guard:
      'what is cached of one epoch is nothing to another (held twice: by the cache’s key, and by the chain)',
    file: 'lambdas/project/sealed-pages.ts',
    edits: [
      ['cacheName(key, bucket.epoch)', 'cacheName(key, 0)'],
      ['const name = cacheName(key, epoch);', 'const name = cacheName(key, 0);'],
      ['pages.reachesCached ? cached : undefined', 'pages.reachesCached || cached ? cached : undefined'],
    ],
    test: at('test/unit/sealed-pages.test.ts', 'of one epoch is nothing to another'),
  },
  {
    id: 'lost-page-taken-in',
    promise: 'P2',
    guard:
      'a page that lost the race for the head holds nothing (held twice: it is not cached, and no chain reaches it)',
    file: 'lambdas/project/sealed-pages.ts',
    edits: [['pages.reachesCached ? cached : undefined', 'cached']],
    test: at(
      'test/unit/sealed-pages.test.ts',
      'is exactly what the asked chain holds, where another writer’s page won',
    ),
  },
  {
    id: 'page-after-head',
    promise: 'P2',
    guard: 'a page is written before the head that names it',
    file: 'lambdas/project/count-bucket.ts',
    edits: [
      ['  if (page) await patiently(() => state.putPage(key, page), waiting);\n', ''],
      [
        '  if (write.written && page) sealed',
        '  if (page) await patiently(() => state.putPage(key, page), waiting);\n  if (write.written && page) sealed',
      ],
    ],
    test: at(PROJECT, 'is written before the head that names it'),
  },
  {
    id: 'sum-in-floating-point',
    promise: 'P2',
    guard: 'sums are exact decimals',
    file: 'lambdas/domain/evolve.ts',
    edits: [
      [
        'return { units: (before?.units ?? 0n) + units };',
        'return { units: BigInt(Number(before?.units ?? 0n) + Number(units)) };',
      ],
    ],
    test: at(FOLD, 'in any order, with any duplication, in any batches'),
  },
  {
    id: 'rounding-in-floating-point',
    promise: 'P2',
    guard: 'a number is rounded by its decimal text, half-even',
    file: 'lambdas/domain/decimal.ts',
    edits: [['return textToUnits(String(value), scale);', 'return BigInt(Math.round(value * 10 ** scale));']],
    test: at(
      'test/property/decimal.property.test.ts',
      'a number is what big.js makes of its shortest text; unsafe integers are none',
    ),
  },
  {
    id: 'amount-of-another-meter',
    promise: 'P2',
    guard: 'each meter counts its own value, though equal ones are converted once',
    file: 'lambdas/domain/measure.ts',
    edits: [['last && last.value === found && last.scale === scale', 'last && last.scale === scale']],
    test: at(
      'test/unit/measure.test.ts',
      'is of each meter’s own value and scale, whatever its neighbours read',
    ),
  },
  {
    id: 'latest-by-arrival',
    promise: 'P2',
    guard: '"latest" goes by the events’ times, not by their arrival',
    file: 'lambdas/domain/evolve.ts',
    edits: [['isLater(before.of, of) ? before', 'isLater(before.of, of) && !of ? before']],
    test: at(FOLD, 'in any order, with any duplication, in any batches'),
  },
  {
    id: 'revision-of-today',
    promise: 'P4',
    guard: 'a bucket is counted by the revision that it began with',
    file: 'lambdas/domain/count-events.ts',
    edits: [['  if (bucket) return bucket.revision;\n', '']],
    test: at('test/unit/count-events.test.ts', 'is its own, whatever is in force'),
  },
];

/** Nothing lost in silence: P3, F2. */
const KEEPING: readonly Mutant[] = [
  {
    id: 'conflict-swallowed',
    promise: 'P3, F2',
    guard: 'a reused id with other content goes to quarantine',
    file: 'lambdas/project/project-batch.ts',
    edits: [
      [
        'else await refuse(place, outcome,',
        "else if (outcome.code !== 'conflict') await refuse(place, outcome,",
      ],
    ],
    test: at(
      PROJECT,
      'with other content is neither counted nor swallowed: the first one stands, the other is kept',
    ),
  },
  {
    id: 'conflict-taken-for-duplicate',
    promise: 'P3, F2',
    guard: 'a reused id is told from a duplicate by the content',
    file: 'lambdas/domain/evolve.ts',
    edits: [["? 'duplicate' : 'conflict'", "? 'duplicate' : 'duplicate'"]],
    test: at(QUARANTINE, 'in any batches, with any part coming again'),
  },
  {
    id: 'conflict-counted',
    promise: 'P2, F2',
    guard: 'a reused id is not counted',
    file: 'lambdas/domain/evolve.ts',
    edits: [
      [
        "if (known !== undefined) return known === event.digest.readUInt32BE(0) ? 'duplicate' : 'conflict';",
        "if (known === event.digest.readUInt32BE(0)) return 'duplicate';",
      ],
    ],
    test: at(
      PROJECT,
      'with other content is neither counted nor swallowed: the first one stands, the other is kept',
    ),
  },
  {
    id: 'damaged-head-fails-all',
    promise: 'P3, F8',
    guard: 'a head that can’t be read fails its bucket alone',
    file: 'lambdas/project/project-batch.ts',
    edits: [['if (isTransient(error)) throw error;', 'throw error;']],
    test: at(PROJECT, 'that bucket’s alone'),
  },
  {
    id: 'poison-stops-the-batch',
    promise: 'P3, F8',
    guard: 'an event that throws is quarantined alone',
    file: 'lambdas/project/count-bucket.ts',
    edits: [['    return projectionFailed(error);\n', '    throw projectionFailed(error);\n']],
    test: at(PROJECT, 'F8: within one event is that event’s alone: it is kept, and the rest counted'),
  },
  {
    id: 'large-record-never-kept',
    promise: 'P3',
    guard: 'the quarantine of any record fits a record',
    file: 'lambdas/project/quarantine-refused.ts',
    edits: [['record.data.subarray(0, MAX_RAW_BYTES)', 'record.data']],
    test: at(PROJECT, 'of a record as large as the log takes fits a record again'),
  },
  {
    id: 'origin-of-the-moment',
    promise: 'P3',
    guard: 'what is refused twice has one origin, and so is counted once',
    file: 'lambdas/project/quarantine-refused.ts',
    edits: [['        origin,\n', '        origin: origin + Math.random(),\n']],
    test: at(QUARANTINE, 'in any batches, with any part coming again'),
  },
  {
    id: 'fingerprint-of-the-moment',
    promise: 'P3',
    guard: 'what is refused twice has one fingerprint, whether or not the registry answers',
    file: 'lambdas/project/quarantine-refused.ts',
    edits: [
      [
        '...(refusal.pointer !== undefined && { place: refusal.pointer }) }),\n        ),',
        "...(refusal.pointer !== undefined && { place: refusal.pointer }) }),\n        ).catch(() => 'overflow'),",
      ],
    ],
    test: at(
      QUARANTINE,
      'when the log refuses or loses answers, and calls fail before or after they took effect',
    ),
  },
  {
    id: 'sample-not-kept',
    promise: 'P3',
    guard: 'no line of quarantine is counted that nobody can look up',
    file: 'lambdas/project/project-batch.ts',
    edits: [['if (!first.accepted) await keepSample', 'if (!first) await keepSample']],
    test: at(QUARANTINE, 'in any batches, with any part coming again'),
  },
  {
    id: 'quarantine-of-quarantine',
    promise: 'P3',
    guard: 'a piece of quarantine is never quarantined again',
    file: 'lambdas/project/project-batch.ts',
    edits: [["outcome === 'duplicate' || !place.accepted", "outcome === 'duplicate'"]],
    test: at(PROJECT, 'P8: of a replayed one is the same again, by the place where it stood first'),
  },
  {
    id: 'broken-envelope-read',
    promise: 'P3',
    guard: 'a record is taken apart only when all that is read of it is there',
    file: 'lambdas/domain/log-record.ts',
    edits: [['Array.isArray(value.events) && value.events.every(isAccepted)', 'Array.isArray(value.events)']],
    test: at('test/unit/log-record.test.ts', 'an event of null'),
  },
  {
    id: 'progress-backwards',
    promise: 'P3',
    guard: 'noted progress only ever goes forward',
    file: 'lambdas/adapters/dynamo-progress.ts',
    edits: [
      ["'attribute_not_exists(mark) OR mark < :mark'", "'attribute_not_exists(mark) OR mark <> :mark'"],
    ],
    test: at(ADAPTERS, 'only ever goes forward: a zombie that ends late changes nothing'),
    emulator: true,
  },
];

/** Rebuildable from the archive: P4, F14. */
const ARCHIVING: readonly Mutant[] = [
  {
    id: 'archive-head-condition-dropped',
    promise: 'P4, F14',
    guard: 'a shard’s chain grows only from the head that was read',
    file: 'lambdas/adapters/dynamo-manifest.ts',
    edits: [
      ["ConditionExpression: 'chain = :seen'", "ConditionExpression: 'chain = :seen OR chain <> :seen'"],
    ],
    test: at(ADAPTERS, 'P4, F14: writes neither entry nor head where the head has moved'),
    emulator: true,
  },
  {
    id: 'archive-races',
    promise: 'P4, F14',
    guard: 'without the condition on the chain’s head, two instances would archive records twice',
    file: 'test/support/memory-consumers.ts',
    edits: [['this.heads.get(entry.shardId)?.chain === seen?.chain', "entry.shardId !== ''"]],
    test: at(
      ARCHIVE,
      'when instances and a zombie take the same records in different cuts and any interleaving',
    ),
  },
  {
    id: 'moved-chain-acknowledged',
    promise: 'P4, F14',
    guard: 'a batch that lost the race for the chain comes again',
    file: 'lambdas/archive/archive-batch.ts',
    edits: [['throw new ChainMovedError(shardId);', 'return { records: 0, events: 0, bytes: 0 };']],
    test: at(
      ARCHIVE,
      'when instances and a zombie take the same records in different cuts and any interleaving',
    ),
  },
  {
    id: 'archived-again',
    promise: 'P4',
    guard: 'records at or below the head’s last are dropped',
    file: 'lambdas/domain/manifest.ts',
    edits: [['compareSequences(sequence, last) > 0', 'compareSequences(sequence, last) >= 0']],
    test: at(ARCHIVE, 'however the log is cut, with any part coming again in another cut'),
  },
  {
    id: 'sequences-as-text',
    promise: 'P4',
    guard: 'sequence numbers are compared as integers',
    file: 'lambdas/domain/log-record.ts',
    edits: [['  if (a.length !== b.length) return a.length - b.length;\n', '']],
    test: at('test/unit/manifest.test.ts', 'takes what lies after its head by number, not by text'),
  },
  {
    id: 'object-after-entry',
    promise: 'P4, F14',
    guard: 'an object is written before the entry that names it',
    file: 'lambdas/archive/archive-batch.ts',
    edits: [
      ['const { versionId } = await ports.archive.put(key, bytes);', "const versionId = 'unknown';"],
      [
        'throw new ChainMovedError(shardId);',
        'throw new ChainMovedError(shardId);\n  await ports.archive.put(key, bytes);',
      ],
    ],
    test: at(ARCHIVE, 'an object is written before the entry that names it'),
  },
  {
    id: 'object-written-over',
    promise: 'P4, F14',
    guard: 'an object is never written over',
    file: 'lambdas/adapters/s3-archive.ts',
    edits: [["          IfNoneMatch: '*',\n", '']],
    test: at(ADAPTERS, 'F14: never writes over what is there, and says which version that is'),
    emulator: true,
  },
  {
    id: 'bytes-not-kept',
    promise: 'P4',
    guard: 'a record that would not come back byte for byte as text is archived as base64',
    file: 'lambdas/domain/manifest.ts',
    edits: [['envelope && isLine(text, data) ?', 'envelope ?']],
    test: at('test/unit/manifest.test.ts', 'as base64'),
  },
  {
    id: 'orphan-shard',
    promise: 'P4',
    guard: 'a child shard’s chain begins at its parents’ ends',
    file: 'lambdas/archive/archive-batch.ts',
    edits: [['return [...ends.values()];', 'return [];']],
    test: at(ARCHIVE, 'and a child’s chain begins at its parents’ ends'),
  },
];

/** Recovery reads all that it has to, and does one thing however often it is repeated: P2, P4, F1. */
const PLANNING: readonly Mutant[] = [
  {
    id: 'early-events-forgotten',
    promise: 'P4',
    guard: 'an event may arrive before its window begins',
    file: 'lambdas/domain/recovery/select-objects.ts',
    edits: [['fromMs - earliestMs(types, contracts) - CLOCKS_APART_MS', 'fromMs - CLOCKS_APART_MS']],
    test: at(SELECTION, 'P4: no object is left out that holds what is asked for'),
  },
  {
    id: 'refusals-not-read',
    promise: 'F1',
    guard: 'what the projector refused is not missing, whatever the types asked for',
    file: 'lambdas/domain/recovery/select-objects.ts',
    edits: [['const wantsQuarantine = compares || ', 'const wantsQuarantine = ']],
    test: at(SELECTION, 'P4: no object is left out that holds what is asked for'),
  },
  {
    id: 'arrivals-in-order',
    promise: 'P4',
    guard: 'times of arrival need not rise along a shard',
    file: 'lambdas/domain/recovery/find-start.ts',
    edits: [['const ARRIVALS_MIXED_MS = 3_600_000;', 'const ARRIVALS_MIXED_MS = 0;']],
    test: at(SELECTION, 'P4: no object is left out that holds what is asked for'),
  },
  {
    id: 'links-not-followed',
    promise: 'P3',
    guard: 'nothing is rebuilt or repaired from a chain that lacks an entry',
    file: 'lambdas/plan/check-links.ts',
    edits: [['this.findings.push(...breaks.map(breakFinding));', '']],
    test: at(PLAN, 'is found wherever a run would have read it, and nothing is rebuilt or repaired then'),
  },
  {
    id: 'list-of-shards-trusted',
    promise: 'P3',
    guard: 'a shard that the list of the archived has lost is missed',
    file: 'lambdas/plan/find-lost.ts',
    edits: [['if (names.has(shardId)) continue;', 'if (shardId) continue;']],
    test: at(PLAN, 'is found wherever a run would have read it, and nothing is rebuilt or repaired then'),
  },
  {
    id: 'bounds-moved',
    promise: 'P2',
    guard: 'a plan that is made again stays within the bounds of the first time',
    file: 'lambdas/domain/recovery/run-json.ts',
    edits: [['return (await readJson<T>(files, requestId, name))!;', 'return value;']],
    test: at(PLAN, 'however often it dies, and whatever is archived meanwhile'),
  },
  {
    id: 'closed-is-projected',
    promise: 'F1',
    guard: 'a closed shard is projected to its end only when a child of it has passed a mark',
    file: 'lambdas/domain/recovery/passed.ts',
    edits: [['if (passes.has(shardId)) parents.forEach(end);', 'parents.forEach(end);']],
    test: at(PLAN, 'what a shard is said to be projected to is never beyond what was read of it'),
  },
  {
    id: 'barrier-of-the-past',
    promise: 'F1',
    guard: 'the known point is a mark that was put after it was asked for',
    file: 'lambdas/plan/pass-barrier.ts',
    edits: [['!hasPassed(shards, projector, mark)', 'false']],
    test: at('test/unit/plan.test.ts', 'passes when archive and projector have passed a mark'),
  },
  {
    id: 'cold-unasked',
    promise: 'P4',
    guard: 'nothing is taken out of a cold tier, and paid for, unless the operator said so',
    file: 'lambdas/plan/make-plan.ts',
    edits: [['if (cold && !dryRun && request.restore === undefined)', 'if (cold && dryRun)']],
    test: at('test/unit/plan.test.ts', 'says what taking them out would be, and is refused unless told to'),
  },
  {
    id: 'expired-taken-for-wrong',
    promise: 'P4',
    guard: 'what was counted of objects that have expired is never taken for wrong',
    file: 'lambdas/plan/select-work.ts',
    edits: [['if (needsAll(this.#request))', 'if (this.#expired < 0)']],
    test: at('test/unit/retention.test.ts', 'over what has expired, and takes it from when it says'),
  },
];

/** Tenants apart: P6. */
const TENANTS: readonly Mutant[] = [
  {
    id: 'tenant-not-in-identity',
    promise: 'P6',
    guard: 'the tenant is part of an event’s identity',
    file: 'lambdas/domain/count-events.ts',
    edits: [
      ['hashIdentity(event.key.tenant, event.source, event.id)', "hashIdentity('', event.source, event.id)"],
    ],
    test: at('test/unit/count-events.test.ts', 'P6: another tenant’s event is another'),
  },
  {
    id: 'tenants-share-a-bucket',
    promise: 'P6',
    guard: 'neighbours in a batch share a bucket only when they are one tenant’s',
    file: 'lambdas/project/group-events.ts',
    edits: [[' && a.tenant === b.tenant', '']],
    test: at(
      PROJECT,
      'with the same subjects, types, windows and ids are counted apart, next to each other in a batch',
    ),
  },
  {
    id: 'keys-run-together',
    promise: 'P6',
    guard: 'what senders choose is encoded where it becomes part of a key',
    file: 'lambdas/domain/keys.ts',
    edits: [['return /[%#|]/.test(part) ?', 'return /[%|]/.test(part) ?']],
    test: at('test/property/keys.property.test.ts', 'a key says which parts made it'),
  },
  {
    id: 'any-type-granted',
    promise: 'P6',
    guard: 'a producer sends only the types that are granted to it',
    file: 'lambdas/domain/judge-event.ts',
    edits: [['if (grantsType(credential, type)) return undefined;', 'if (type) return undefined;']],
    test: at(INGEST, 'of a type not granted is a 403, and kept'),
  },
  {
    id: 'expired-key-taken',
    promise: 'P6, F10',
    guard: 'a key that was revoked or has expired is refused',
    file: 'lambdas/platform/authenticate.ts',
    edits: [
      ["if (status !== 'active' || expiresMs <= clock.now()) throw", 'if (!status || !expiresMs) throw'],
    ],
    test: at(INGEST, 'that is unknown, malformed, revoked or expired is refused in the same words'),
  },
  {
    id: 'prototype-reached',
    promise: 'P3',
    guard: 'a pointer reads what the sender wrote, never a prototype',
    file: 'lambdas/domain/pointer.ts',
    edits: [['!Object.hasOwn(place, token)', '!(token in place)']],
    test: at('test/unit/pointer.test.ts', 'is not there'),
  },
];

/** Every guard that is broken on purpose; docs/testing.md says the same in a table. */
export const mutants: readonly Mutant[] = [
  ...ACKNOWLEDGEMENTS,
  ...COUNTING,
  ...KEEPING,
  ...ARCHIVING,
  ...PLANNING,
  ...RECOVERY,
  ...TENANTS,
  ...SHEDDING,
  ...STEERING,
  ...SEEING,
  ...WATCHING,
  ...LOOKING,
  ...OPERATING,
];
