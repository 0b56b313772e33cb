// A server that is told when a video is done, and believes only what is signed. In Kinora's config.toml:
//
//   [[webhooks]]
//   url = "http://127.0.0.1:9000"
//   secret = "whsec_..."            # "whsec_" and base64, your own
//
//   OPENAI_WEBHOOK_SECRET=whsec_... OPENAI_API_KEY=any node webhook_receiver.ts 9000

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import OpenAI from 'openai';

const client = new OpenAI();

createServer(async (request, response) => {
  const body = await text(request);
  try {
    await client.webhooks.verifySignature(body, request.headers as Record<string, string>);
  } catch {
    response.writeHead(401).end();
    return;
  }
  response.writeHead(204).end();
  // The same event can come twice: its `webhook-id` tells.
  const event = JSON.parse(body) as { type: string; data: { id: string } };
  console.log(`${event.type} ${event.data.id}`);
}).listen(Number(process.argv[2]), '127.0.0.1');
