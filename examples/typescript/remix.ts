// The same video under another prompt: it keeps length, size and seed, so that what the prompts share looks alike.
//
//   OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=any node remix.ts VIDEO_ID "a red car at night"

import OpenAI from 'openai';

const [id, prompt] = process.argv.slice(2);
if (!id || !prompt) throw new Error('say which video, and the new prompt');
const video = await new OpenAI().videos.remix(id, { prompt });
console.log(`${video.id} ${video.status}, remixed from ${video.remixed_from_video_id}`);
