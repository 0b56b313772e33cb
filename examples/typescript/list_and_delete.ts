// All videos, the newest first, page after page; those that failed are deleted.
//
//   OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=any node list_and_delete.ts

import OpenAI from 'openai';

const client = new OpenAI();
for await (const video of client.videos.list({ limit: 50 })) {
  console.log(`${video.id} ${video.status} ${video.seconds} s ${video.size} ${video.prompt}`);
  if (video.status === 'failed') await client.videos.delete(video.id);
}
