#!/usr/bin/env node
// `npx weir`: puts the CLI before the arguments and lets the launcher find Node 24.
process.argv.splice(2, 0, 'cli/main.ts');
await import('../scripts/launch.mjs');
