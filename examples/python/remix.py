"""The same video under another prompt: it keeps length, size and seed, so that what the prompts share looks alike.

OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=any python remix.py
"""

from openai import OpenAI

client = OpenAI()
day = client.videos.create_and_poll(
    prompt="a red car drives through the city at noon", seconds="2", size="640x360", extra_body={"seed": 7}
)
night = client.videos.poll(client.videos.remix(day.id, prompt="a red car drives through the city at night").id)
for name, video in (("day", day), ("night", night)):
    client.videos.download_content(video.id).write_to_file(f"{name}.mp4")
    print(f"{name}.mp4 {video.id}, remixed from {video.remixed_from_video_id}")
