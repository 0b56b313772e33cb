// A sentence becomes a video file, with OpenAI's own client.
//
//   npm install                          # Node before 22.18: npm run build, then node build/first_video.js
//   OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=any node first_video.ts "a red fox jumps in the snow"

import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';

const client = new OpenAI();
const prompt = process.argv[2] ?? 'a red fox jumps in the snow, soft piano';

let video = await client.videos.create({ model: 'sora-2', prompt, seconds: '4', size: '1280x720' });
while (video.status === 'queued' || video.status === 'in_progress') {
  const { data, response } = await client.videos.retrieve(video.id).withResponse();
  video = data;
  console.log(`${video.status} ${video.progress} %`);
  await sleep(Number(response.headers.get('openai-poll-after-ms') ?? 0));
}
if (video.status === 'failed') throw new Error(`${video.error?.code}: ${video.error?.message}`);

const content = await client.videos.downloadContent(video.id);
await writeFile('video.mp4', Buffer.from(await content.arrayBuffer()));
console.log(`${video.id} is in video.mp4`);
