# Two stages: the first installs the locked dependencies, the second holds only what runs.
# BASE is any image with Python 3.11 or newer and its venv module.
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
WORKDIR /app
COPY requirements.lock ./
# The environment lies at the same path in both stages.
RUN python3 -m venv /opt/faqbot \
 && /opt/faqbot/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
COPY LICENSE README.md pyproject.toml ./
COPY adapters adapters
COPY bot bot
# What only installs goes again: pip, setuptools, the libraries' own tests. Bytecode stays, 45 MB: the
# user below couldn't write it, and every start would compile anew, twice as long.
RUN /opt/faqbot/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation \
      --config-settings editable_mode=compat -e . \
 && /opt/faqbot/bin/pip check \
 && /opt/faqbot/bin/pip uninstall --quiet --yes setuptools pip \
 && find /opt/faqbot -depth -type d -name tests -exec rm -r {} + \
 && python3 -m compileall -q adapters bot

FROM ${BASE}
WORKDIR /app
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin faqbot \
 && install -d -o faqbot -g faqbot var
COPY --from=build /opt/faqbot /opt/faqbot
COPY --from=build /app ./
COPY scripts/healthcheck.py scripts/healthcheck.py
COPY data data
# Within the container's own network; what is published outside is the operator's choice.
ENV PATH=/opt/faqbot/bin:$PATH \
    FAQBOT_HTTP__HOST=0.0.0.0
# By number, so that a cluster can see that it isn't root.
USER 10001
# The database; mount a volume here to keep it.
VOLUME /app/var
# Loading the dictionary and the FAQ takes seconds, not a minute.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "scripts/healthcheck.py"]
CMD ["faqbot", "run"]
