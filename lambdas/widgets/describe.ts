/** What CloudWatch shows in the dialog in which a custom widget is added or changed. */
export const DESCRIPTION = `
## Weir

What is going on in Weir, read-only. \`widget\` says what to show; the other parameters can be left out where they are
marked with a question mark.

| widget | parameters | shows |
|---|---|---|
| event | id, tenant?, source?, from?, to? | the way of one event: log, archive, bucket, or where it stopped |
| state | tenant, subject, type, window | a bucket beside what the archive says of it |
| tenants | minutes? | who sends the most |
| quarantine | tenant? | what could not be counted, by cause, and what to do |
| runs | | recovery's runs: open ones and the latest |
| budget | | how much of each error budget of 30 days is left |
| control | | what is shed, who is held back, maintenance |

Times are RFC 3339, a date, or so long ago: \`90m\`, \`24h\`, \`7d\`.

\`\`\`yaml
widget: tenants
minutes: 15
\`\`\`
`;
