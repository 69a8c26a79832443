# Labelwright with its command line and server; see compose.yaml for the services around it.
FROM python:3.11.13-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 UV_NO_CACHE=1
WORKDIR /opt/labelwright

# What seldom changes first: the pinned dependencies, then Labelwright itself.
COPY requirements-uv.lock requirements.lock ./
RUN python -m pip install --requirement requirements-uv.lock \
    && uv pip install --system --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN uv pip install --system --no-deps .

RUN useradd --uid 1000 --create-home labelwright && mkdir /workspace && chown labelwright /workspace
USER labelwright
WORKDIR /workspace
ENTRYPOINT ["labelwright"]
CMD ["--help"]
