import type { Profile } from '../../cli/platform/profile.ts';

interface Shown {
  readonly now: number;
  /** Needed where the caller's own environment points elsewhere. */
  readonly profileFlag: string;
  readonly consoleUrl: string;
}

/** What to try once all is up. */
export function nextSteps({ apiUrl, apiKey }: Profile, { now, profileFlag, consoleUrl }: Shown): string {
  const weir = `npm run weir --${profileFlag}`;
  const event = {
    specversion: '1.0',
    id: 'try-1',
    source: '/try',
    type: 'network.transfer',
    subject: 'me',
    time: new Date(now).toISOString(),
    data: { bytes: 1250.5 },
  };
  return `See it at work, in a browser:
    ${consoleUrl}

What to try next, from another terminal:

  Send one event; send it twice, it counts once:
    curl -i ${apiUrl}/v1/events \\
      -H 'x-api-key: ${apiKey}' -H 'content-type: application/cloudevents+json' \\
      -d '${JSON.stringify(event)}'

  See what it came to:
    ${weir} usage --subject me --type network.transfer
  See its way, from the receipt to bucket and archive:
    ${weir} trace try-1
  One machine's month, day by day:
    ${weir} usage --subject i-257a54 --type network.transfer --meter bytes --by day
  The webhooks that came in, and the payments among them:
    ${weir} webhooks list
    ${weir} usage --subject acct_1PqH2mKtY8wLr4Vd --type payment.received
  Send something wrong (bytes below zero) with the curl above, then see where it went:
    ${weir} quarantine list
  Compare every bucket with what the archive says:
    ${weir} reconcile --reason "to see that all agrees"
  Prove that nothing was lost, with a certificate that can be checked offline:
    ${weir} verify --certificate --out certificate.json --reason "to have it in writing"
    ${weir} verify --check certificate.json
  Check that all is well:
    ${weir} doctor
  Everything else:
    ${weir} --help
`;
}
