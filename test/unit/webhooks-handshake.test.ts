import { describe, expect, it } from 'vitest';
import { answerHandshake } from '../../lambdas/domain/webhooks/handshake.ts';
import { parseScheme } from '../../lambdas/domain/webhooks/scheme.ts';
import { toHeaders } from '../support/webhook-senders.ts';

const contentType = 'text/plain; charset=utf-8';
const PING = { zen: 'Design for failure.', hook_id: 30, hook: { type: 'Repository', events: ['push'] } };

function answer(kind: string, payload: unknown, headers: Record<string, string | string[]> = {}) {
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  return answerHandshake(parseScheme({ kind }), { headers: toHeaders(headers), body, url: '' });
}

describe('handshakes', () => {
  it("sends Slack's challenge back", () => {
    // As on https://docs.slack.dev/reference/events/url_verification
    const challenge = '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P';
    const payload = { token: 'Jhj5dZrVaK7ZwHHjRyZWjbDl', challenge, type: 'url_verification' };
    expect(answer('slack', payload)).toEqual({ status: 200, contentType, body: challenge });
  });

  it("answers GitHub's ping", () => {
    expect(answer('github', PING, { 'x-github-event': 'ping' })).toEqual({
      status: 200,
      contentType,
      body: 'pong',
    });
  });

  it.each([
    ['slack', { type: 'event_callback', challenge: 'x' }, {}],
    ['slack', { type: 'url_verification' }, {}],
    ['slack', { type: 'url_verification', challenge: 7 }, {}],
    ['slack', { type: 'url_verification', challenge: '' }, {}],
    ['slack', { type: 'url_verification', challenge: '<script>\r\n' }, {}],
    ['slack', { type: 'url_verification', challenge: 'x'.repeat(1025) }, {}],
    ['slack', { type: 'url_verification', challenge: 'x', more: 'y'.repeat(70_000) }, {}],
    ['slack', null, {}],
    ['slack', Buffer.from('payload=%7B%7D'), {}],
    ['slack', Buffer.from([0xff, 0x00]), {}],
    ['github', PING, {}],
    ['github', PING, { 'x-github-event': 'push' }],
    ['github', PING, { 'x-github-event': ['ping', 'push'] }],
    ['github', { ref: 'refs/heads/main' }, { 'x-github-event': 'ping' }],
    ['github', { zen: 'x', hook_id: '30' }, { 'x-github-event': 'ping' }],
    ['stripe', { type: 'url_verification', challenge: 'x' }, { 'x-github-event': 'ping' }],
  ])('P3: keeps every other delivery: %s %j %j', (kind, payload, headers) => {
    expect(answer(kind, payload, headers)).toBeUndefined();
  });
});
