// Every video method of one npm `openai` package, as its users call it. Run beside that package's node_modules.
//
//   OPENAI_BASE_URL=... OPENAI_API_KEY=... node node_client.mjs FOLDER NOT_YET,...
//
// Prints one JSON object: for each step "ok", "absent" (this version has no such method) or what was wrong. NOT_YET
// names the tasks whose videos are to end as failed with the code `not_available`.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';

const [folder, names] = process.argv.slice(2);
const { default: OpenAI, toFile, NotFoundError, BadRequestError, RateLimitError } = createRequire(
  path.resolve(folder, 'here.js'),
)('openai');

const client = new OpenAI();
const videos = client.videos;
const notYet = new Set(names.split(','));
const SHORT = { seconds: '1', size: '256x160' };
const UNKNOWN = `video_${'0'.repeat(32)}`;
const POLL_MS = 50;
let clip;

const bytesOf = async (response) => Buffer.from(await (await response).arrayBuffer());
const clipFile = async () => toFile(await bytesOf(videos.downloadContent(clip.id)), 'clip.mp4', { type: 'video/mp4' });

async function endOf(video) {
  while (video.status === 'queued' || video.status === 'in_progress') {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    video = await videos.retrieve(video.id);
  }
  return video;
}

// A task that has landed completes; one that has not fails with the code that says so.
async function endsAsSaid(video, task) {
  const end = await endOf(video);
  const expected = notYet.has(task) ? ['failed', 'not_available'] : ['completed', undefined];
  assert.deepEqual([end.status, end.error?.code], expected);
}

const steps = {
  async create() {
    clip = await videos.create({ prompt: 'a red ball bounces on the beach', ...SHORT });
    assert.equal(clip.status, 'queued');
    assert.equal(clip.model, 'sora-2');
    clip = await endOf(clip);
    assert.deepEqual([clip.status, clip.progress, clip.seconds, clip.size], ['completed', 100, '1', '256x160']);
  },

  async rawResponse() {
    const { data, response } = await videos.retrieve(clip.id).withResponse();
    assert.deepEqual(data, clip);
    assert.equal(data._request_id ?? response.headers.get('x-request-id'), response.headers.get('x-request-id'));
    assert.ok(response.headers.get('x-request-id'));
  },

  async downloadEveryVariant() {
    const starts = { video: [4, 'ftyp'], thumbnail: [8, 'WEBP'], spritesheet: [0, '\xff\xd8\xff'] };
    for (const [variant, [offset, magic]] of Object.entries(starts)) {
      const bytes = await bytesOf(videos.downloadContent(clip.id, { variant }));
      assert.equal(bytes.toString('latin1', offset, offset + magic.length), magic);
    }
  },

  async downloadStreaming() {
    const whole = await bytesOf(videos.downloadContent(clip.id));
    const parts = [];
    for await (const part of (await videos.downloadContent(clip.id)).body) parts.push(part);
    assert.ok(Buffer.concat(parts).equals(whole));
  },

  async listEveryPage() {
    const made = [];
    for (let i = 0; i < 5; i++) made.push((await videos.create({ prompt: 'kinora:test/fail', ...SHORT })).id);
    const listed = [];
    for await (const video of videos.list({ limit: 4 })) listed.push(video.id);
    assert.deepEqual(listed.slice(0, 5), made.reverse());
    assert.equal(new Set(listed).size, listed.length);
    const oldest = [];
    for await (const video of videos.list({ limit: 3, order: 'asc' })) oldest.push(video.id);
    assert.deepEqual(oldest, listed.reverse());
  },

  async delete() {
    const video = await endOf(await videos.create({ prompt: 'kinora:test/fail', ...SHORT }));
    const gone = await videos.delete(video.id);
    assert.deepEqual([gone.id, gone.deleted, gone.object], [video.id, true, 'video.deleted']);
    await assert.rejects(videos.retrieve(video.id), NotFoundError);
  },

  async remix() {
    const video = await videos.remix(clip.id, { prompt: 'a red ball bounces in the snow' });
    assert.deepEqual([video.remixed_from_video_id, video.size, video.seconds], [clip.id, '256x160', '1']);
    await endsAsSaid(video, 'remix');
  },

  async createWithAPicture() {
    const grey = 'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAEUlEQVR4nGNsYEAFTAwjWgAAmZAAoC0n3a4AAAAASUVORK5CYII=';
    const picture = await toFile(Buffer.from(grey, 'base64'), 'a.png', { type: 'image/png' });
    await endsAsSaid(await videos.create({ prompt: 'a red ball', input_reference: picture, ...SHORT }), 'reference');
  },

  async editAFile() {
    await endsAsSaid(await videos.edit({ prompt: 'make it blue', video: await clipFile() }), 'edit');
  },

  async editById() {
    await endsAsSaid(await videos.edit({ prompt: 'make it blue', video: { id: clip.id } }), 'edit');
  },

  async editByPost() {
    await endsAsSaid(await client.post('/videos/edits', { body: { prompt: 'blue', video: { id: clip.id } } }), 'edit');
  },

  async extendAFile() {
    await endsAsSaid(await videos.extend({ prompt: 'on', seconds: '4', video: await clipFile() }), 'extend');
  },

  async extendById() {
    await endsAsSaid(await videos.extend({ prompt: 'on', seconds: '4', video: { id: clip.id } }), 'extend');
  },

  async characters() {
    const made = await videos.createCharacter({ name: 'Mossy', video: await clipFile() });
    assert.equal(made.name, 'Mossy');
    assert.deepEqual(await videos.getCharacter(made.id), made);
  },

  async failures() {
    for (const [outcome, code] of Object.entries({ fail: 'server_error', moderation: 'moderation_blocked' })) {
      const video = await endOf(await videos.create({ prompt: `kinora:test/${outcome}`, ...SHORT }));
      assert.deepEqual([video.status, video.error.code], ['failed', code]);
    }
  },

  async refusals() {
    await assert.rejects(videos.retrieve(UNKNOWN), NotFoundError);
    const wrong = videos.create({ prompt: 'a ball', seconds: '1', size: '255x160' });
    await assert.rejects(wrong, (error) => error instanceof BadRequestError && error.param === 'size');
    const limited = videos.create({ prompt: 'kinora:test/rate-limit' }, { maxRetries: 0 });
    await assert.rejects(limited, (error) => error instanceof RateLimitError && error.code === 'rate_limit_exceeded');
  },
};

const METHODS = {
  ...{ editAFile: 'edit', editById: 'edit' },
  ...{ extendAFile: 'extend', extendById: 'extend' },
  ...{ characters: 'createCharacter' },
};
const verdicts = {};
for (const [name, step] of Object.entries(steps)) {
  try {
    if (METHODS[name] && !videos[METHODS[name]]) verdicts[name] = 'absent';
    else verdicts[name] = (await step(), 'ok');
  } catch (error) {
    verdicts[name] = error.stack;
  }
}
process.stdout.write(JSON.stringify(verdicts));
