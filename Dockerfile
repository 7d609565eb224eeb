# Two stages: the first installs the locked dependencies and the package, the second holds only what
# runs. BASE is any image with Python 3.11 or newer and its venv module.
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock ./
# The environment lies at the same path in both stages.
RUN python3 -m venv /opt/faqbot \
 && /opt/faqbot/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
# What lists the packages of the image, in an environment of its own.
COPY requirements-supply.lock ./
RUN python3 -m venv /opt/supply \
 && /opt/supply/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements-supply.lock
COPY LICENSE README.md pyproject.toml faqbot.py ./
COPY adapters adapters
COPY bot bot
COPY data data
# What only installs goes again: pip, setuptools, the libraries' own tests. Bytecode stays, 45 MB: the
# user below couldn't write it, and every start would compile anew, twice as long.
RUN /opt/faqbot/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/faqbot/bin/pip check \
 && /opt/faqbot/bin/pip uninstall --quiet --yes setuptools pip \
 && find /opt/faqbot -depth -type d -name tests -exec rm -r {} + \
 && /opt/supply/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
    --output-file /opt/faqbot/sbom.cdx.json /opt/faqbot/bin/python
COPY scripts/healthcheck.py /opt/faqbot/

FROM ${BASE}
ARG BASE
ARG REVISION=unknown
LABEL org.opencontainers.image.title="faqbot" \
      org.opencontainers.image.description="An FAQ bot for Slack and Discord that answers in the lecturers' own words" \
      org.opencontainers.image.version="0.2.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE}" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/faqbot /opt/faqbot
# The working folder, like one made by faqbot init: mount your own here, or only its data and var. The
# program lies elsewhere. No VOLUME: an anonymous one would lie over the var of a mounted folder.
WORKDIR /app
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin faqbot \
 && chown faqbot:faqbot . \
 && install -d -o faqbot -g faqbot -m 700 var
COPY --chown=faqbot:faqbot data data
# Within the container's own network; what is published outside is the operator's choice.
# SQLite sorts what is large in a file: var is where there may be one on a read-only root.
ENV PATH=/opt/faqbot/bin:$PATH \
    FAQBOT_HTTP__HOST=0.0.0.0 \
    SQLITE_TMPDIR=/app/var
# By number, so that a cluster can see that it isn't root.
USER 10001
# Loading the dictionary and the FAQ takes seconds, not a minute.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "/opt/faqbot/healthcheck.py"]
CMD ["faqbot", "run"]
