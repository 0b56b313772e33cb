"""All videos, the newest first, page after page; those that failed are deleted.

OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=any python list_and_delete.py
"""

from openai import OpenAI

client = OpenAI()
for video in client.videos.list(limit=50):
    print(f"{video.id} {video.status:12} {video.seconds:>3} s {video.size:>9} {video.prompt}")
    if video.status == "failed":
        client.videos.delete(video.id)
