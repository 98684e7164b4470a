import type { Mutant } from './mutant.ts';

const at = (file: string, name: string) => ({ file, name });
const TRACE = 'test/property/trace.property.test.ts';
const FATES = 'at any moment: counted, duplicate, in conflict, refused, in quarantine, on its way, or lost';

/** Who looks at an event or a bucket sees what is so. */
export const LOOKING: readonly Mutant[] = [
  {
    id: 'lost-called-waiting',
    promise: 'P5',
    guard: 'what the projector has passed, and nobody has, a trace calls lost',
    file: 'lambdas/domain/trace/judge-sendings.ts',
    edits: [["if (!isProjected(seen, projectedTo)) return 'waiting';", "if (!quarantine) return 'waiting';"]],
    test: at(TRACE, FATES),
  },
  {
    id: 'repair-called-lost',
    promise: 'P5',
    guard: 'what waits to be repaired a trace does not call lost',
    file: 'lambdas/domain/trace/trace-event.ts',
    edits: [[' && repairs === 0,', ',']],
    test: at(
      'test/unit/cli-trace.test.ts',
      'calls lost what was accepted, passed by the projector and is nowhere, and says how it comes back',
    ),
  },
  {
    id: 'trace-without-log',
    promise: 'P5',
    guard: 'a trace looks into the log behind the archive',
    file: 'lambdas/domain/trace/find-sendings.ts',
    edits: [['for (const record of records) take(record);', '']],
    test: at(TRACE, FATES),
  },
  {
    id: 'part-called-whole',
    promise: 'P3',
    guard: 'a trace says what it has not read',
    file: 'lambdas/domain/trace/trace-event.ts',
    edits: [
      ['whole: selected.whole && read === objects && damaged.length === 0 && logRead,', 'whole: true,'],
    ],
    test: at('test/unit/cli-trace.test.ts', 'says when it is only a part'),
  },
  {
    id: 'way-called-difference',
    promise: 'F3',
    guard: 'what is on its way to the archive is no difference between it and state',
    file: 'lambdas/domain/trace/compare-state.ts',
    edits: [["for (const record of records) lines.take(record, '');", '']],
    test: at(
      'test/property/compare-state.property.test.ts',
      'does not differ for what is on its way to projector or archive',
    ),
  },
  {
    id: 'id-as-markup',
    promise: 'P6',
    guard: 'what one tenant chooses is text in what operators look at',
    file: 'lambdas/widgets/html.ts',
    edits: [
      [
        'return printable(String(value)).replace(/[&<>"\'`]/g, (character) => ENTITIES[character]!);',
        'return printable(String(value));',
      ],
    ],
    test: at(
      'test/property/widgets.property.test.ts',
      'has the same elements and attributes, whatever it is',
    ),
  },
];
