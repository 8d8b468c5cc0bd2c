# syntax=docker/dockerfile:1
# The daemon on a slim Python image: nothing is compiled in the final stage, nothing runs as root, and only /data is written,
# so that it also runs with a read-only root file system:
# docs/install.md has the command, the configuration that a container wants, and how user 10760 gets to read a secret's file.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
RUN python -m venv /opt/contact-monitor
ENV PATH=/opt/contact-monitor/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY pyproject.toml README.md ./
COPY monitor ./monitor
COPY dashboards ./dashboards
RUN pip install --compile '.[notify,postgres,report]'

FROM python:${PYTHON}-slim
# What sets the weekly report as PDF.
RUN apt-get update -q && apt-get install -qy --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10760 --no-create-home --home-dir /data --shell /usr/sbin/nologin contact-monitor \
 && install -d -m 0700 -o contact-monitor -g contact-monitor /data
COPY --from=build /opt/contact-monitor /opt/contact-monitor
ENV PATH=/opt/contact-monitor/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10760
WORKDIR /data
VOLUME /data
EXPOSE 9760
STOPSIGNAL SIGTERM
# Where the configuration names another port in `listen`, or a certificate (then https), tell this check by
# CONTACT_MONITOR_HEALTH_URL. It asks its own loopback and sends no secret, so whose certificate answers does not matter.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os, ssl, urllib.request as r; r.urlopen(os.environ.get('CONTACT_MONITOR_HEALTH_URL', 'http://127.0.0.1:9760/-/healthy'), timeout=4, context=ssl._create_unverified_context())"]
ENTRYPOINT ["contact-monitor"]
CMD ["run", "--config", "/etc/contact-monitor.yaml"]
