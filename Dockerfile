# Kinora's API and one worker on a CPU:
#
#   docker build -t kinora --build-arg TORCH_INDEX=ADDRESS .
#   docker run --init -p 8000:8000 -v kinora:/data kinora
#
# ADDRESS is PyTorch's index of CPU wheels: on pytorch.org, under "Get started", choose Pip and CPU, and take what stands
# after --index-url. Without it pip fetches the build for NVIDIA cards. The server is open to others than this machine
# and does not start without keys: docs/DEPLOY.md says how to add one. PyAV's wheel holds FFmpeg with libx264 and
# libx265, which are under the GPL: that matters if you pass the image on.

FROM python:3.13-slim AS build
ARG TORCH_INDEX=
WORKDIR /kinora
COPY constraints.txt ./
RUN python -m venv /opt/kinora \
    && /opt/kinora/bin/pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} -c constraints.txt torch
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src src
RUN /opt/kinora/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home kinora && install -d -o kinora -g kinora /data
COPY --from=build /opt/kinora /opt/kinora
# The signer lives with the data: a new container signs as the old one did.
ENV PATH=/opt/kinora/bin:$PATH KINORA_HOME=/data/home PYTHONUNBUFFERED=1
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
ENTRYPOINT ["kinora"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--data", "/data"]
