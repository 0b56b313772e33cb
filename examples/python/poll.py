"""Progress of several videos at once, asked for as often as the server likes to be asked.

OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=any python poll.py "a boat in the rain" "a bear dances"
"""

import asyncio
import sys

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def follow(prompt: str) -> None:
    """Make one video and print how it comes along."""
    video = await client.videos.create(prompt=prompt, seconds="2", size="640x360")
    while video.status in ("queued", "in_progress"):
        answer = await client.videos.with_raw_response.retrieve(video.id)
        video = answer.parse()
        print(f"{video.id} {video.status} {video.progress} %")
        await asyncio.sleep(int(answer.headers.get("openai-poll-after-ms", 0)) / 1000)


async def main(prompts: list[str]) -> None:
    """Make all videos at once."""
    await asyncio.gather(*map(follow, prompts))


asyncio.run(main(sys.argv[1:] or ["a boat sails in the rain", "a bear dances on a stage"]))
