"""A sentence becomes a video file, with OpenAI's own client.

pip install openai
OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=any python first_video.py "a red fox jumps in the snow"
"""

import sys

from openai import OpenAI

client = OpenAI()
prompt = sys.argv[1] if len(sys.argv) > 1 else "a red fox jumps in the snow, soft piano"
video = client.videos.create_and_poll(model="sora-2", prompt=prompt, seconds="4", size="1280x720")
if video.status == "failed":
    sys.exit(f"{video.id} failed: {video.error.code}: {video.error.message}")
client.videos.download_content(video.id).write_to_file("video.mp4")
client.videos.download_content(video.id, variant="thumbnail").write_to_file("thumbnail.webp")
print(f"{video.id} is in video.mp4; what Kinora made of the prompt: {video.kinora}")
